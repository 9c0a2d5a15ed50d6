// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/letter_case.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(LowerCase, ChangesLettersOfAsciiOnly) {
    EXPECT_EQ(lower_case("AZ az 09 \xc3\x84"), "az az 09 \xc3\x84");
}

} // namespace
} // namespace slipway
