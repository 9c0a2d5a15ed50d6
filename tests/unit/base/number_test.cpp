// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace slipway {
namespace {

TEST(Number, IsTheWholeText) {
    EXPECT_EQ(parse_number<unsigned>("0"), 0U);
    EXPECT_EQ(parse_number<unsigned>("0042"), 42U);
    for (const char *text : {"", " 1", "1 ", "-1", "+1", "0x1", "1.0", "one"})
        EXPECT_EQ(parse_number<unsigned>(text), std::nullopt) << text;
}

TEST(Number, Fits) {
    EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_number<std::uint16_t>("65536"), std::nullopt);
    EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551616"), std::nullopt);
}

} // namespace
} // namespace slipway
