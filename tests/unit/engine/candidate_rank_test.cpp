// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/candidate_rank.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(CandidateRank, WithoutFactsAllAreEqual) {
    EXPECT_EQ(rank_of({}), rank_of({{"link_priority", "0"}, {"preference", "0"}}));
}

TEST(CandidateRank, APrivateLayerIsBelowWhateverItsNumbers) {
    EXPECT_LT(rank_of({{"private", "1"}, {"link_priority", "100"}, {"preference", "9"}}),
              rank_of({{"link_priority", "-100"}}));
}

TEST(CandidateRank, ThePriorityOfLinksCountsBeforeThePreference) {
    EXPECT_LT(rank_of({{"link_priority", "-100"}, {"preference", "1"}}), rank_of({}));
    EXPECT_LT(rank_of({{"preference", "-1"}}), rank_of({}));
    EXPECT_LT(rank_of({{"preference", "2"}}), rank_of({{"preference", "10"}}));
}

TEST(CandidateRank, ANumberThatIsNoneCountsAsZero) {
    EXPECT_EQ(rank_of({{"preference", "high"}, {"link_priority", "1 2"}}), rank_of({}));
    EXPECT_EQ(rank_of({{"preference", "99999999999999999999"}}), rank_of({}));
}

} // namespace
} // namespace slipway
