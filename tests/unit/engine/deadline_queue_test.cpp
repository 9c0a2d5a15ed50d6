// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/deadline_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DeadlineQueue, GivesWhatIsDueInTheOrderOfTime) {
    DeadlineQueue<int> queue;
    queue.set(1, Duration(30));
    queue.set(3, Duration(10));
    queue.set(2, Duration(20));
    EXPECT_EQ(queue.next(), Duration(10));
    EXPECT_THAT(queue.take_expired(Duration(9)), IsEmpty());
    EXPECT_THAT(queue.take_expired(Duration(20)), ElementsAre(3, 2)) << "a deadline at now is due";
    EXPECT_EQ(queue.find(2), std::nullopt);
    EXPECT_EQ(queue.next(), Duration(30));
}

TEST(DeadlineQueue, SettingAgainMoves) {
    DeadlineQueue<int> queue;
    queue.set(1, Duration(10));
    queue.set(1, Duration(30));
    EXPECT_THAT(queue.take_expired(Duration(20)), IsEmpty());
    EXPECT_EQ(queue.find(1), Duration(30));
    queue.set(1, Duration(5));
    EXPECT_THAT(queue.take_expired(Duration(40)), ElementsAre(1)) << "once";
    EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(DeadlineQueue, ClearingTakesOneOutAndMayBeRepeated) {
    DeadlineQueue<int> queue;
    queue.set(1, Duration(10));
    queue.set(2, Duration(10));
    queue.clear(1);
    queue.clear(1);
    EXPECT_EQ(queue.find(1), std::nullopt);
    EXPECT_THAT(queue.take_expired(Duration(10)), ElementsAre(2));
}

} // namespace
} // namespace slipway
