// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/settings.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using ::testing::IsEmpty;

TEST(Settings, ReadsNamesAndValuesInTheirOrder) {
    const auto settings = parse_settings("# KEYMAP=no\n KEYMAP = \"de\" \r\nnonsense\nX='a=b'\n");
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(settings[0].name, "KEYMAP");
    EXPECT_EQ(settings[0].value, "de");
    EXPECT_EQ(settings[1].name, "X");
    EXPECT_EQ(settings[1].value, "a=b");
}

TEST(Settings, TheLastOneCounts) {
    EXPECT_EQ(setting_of("A=1\nB=2\nA=3\n", "A"), "3");
    EXPECT_EQ(setting_of("A=1\nA=\n", "A"), "");
    EXPECT_THAT(setting_of("", "A"), IsEmpty());
}

} // namespace
} // namespace slipway
