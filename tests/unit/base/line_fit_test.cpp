// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/line_fit.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(DisplayWidth, CountsColumnsAndNotBytes) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("\xc3\xa4\xe2\x80\xa6"), 2U);     // ä…
    EXPECT_EQ(display_width("\xe6\xbc\xa2\xe5\xad\x97"), 4U); // two Chinese characters
    EXPECT_EQ(display_width("e\xcc\x81"), 1U);                // e and a combining accent
    EXPECT_EQ(display_width("\xf0\x9f\x9a\xa2"), 2U);         // a ship
}

TEST(DisplayWidth, BrokenTextIsOneColumnPerByte) {
    EXPECT_EQ(display_width("\xff\xfe"), 2U);
    EXPECT_EQ(display_width("\xe6\xbc"), 2U);
    EXPECT_EQ(display_width("\xe6(a"), 3U);
}

TEST(FitLine, LeavesWhatFitsAlone) {
    EXPECT_EQ(fit_line("abcdef", 6), "abcdef");
    EXPECT_EQ(fit_line("", 0), "");
}

TEST(FitLine, LeavesOutTheMiddle) {
    EXPECT_EQ(fit_line("0123456789", 9), "012...789");
    EXPECT_EQ(fit_line("0123456789", 8), "012...89");
    EXPECT_EQ(fit_line("0123456789", 3), "012");
    EXPECT_EQ(fit_line("0123456789", 0), "");
}

TEST(FitLine, NeverCutsACharacter) {
    // Four wide characters have eight columns; in seven, two and two halves have no room.
    EXPECT_EQ(fit_line("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2", 7),
              "\xe6\xbc\xa2...\xe6\xbc\xa2");
    EXPECT_EQ(fit_line("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2", 6), "\xe6\xbc\xa2...");
}

TEST(FitLine, TheGapMayBeAnother) {
    EXPECT_EQ(fit_line("luks@0123456789abcdef", 11, "\u2026"), "luks@\u2026bcdef");
    EXPECT_EQ(fit_line("\u6f22\u6f22\u6f22", 5, "\u2026"), "\u6f22\u2026\u6f22");
    EXPECT_EQ(fit_line("abc", 1, "\u2026"), "a");
}

} // namespace
} // namespace slipway
