// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/setting.h"

#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using testing::TemporaryDirectory;

class SettingTest : public ::testing::Test {
protected:
    SettingTest() {
        directory_.write("etc/vconsole.conf", "# KEYMAP=no\nKEYMAP=us\n KEYMAP = \"de-latin1\"\n"
                                              "EMPTY=\nBAD='../*'\nDOT=.x\n");
    }
    TemporaryDirectory directory_;
    RootTree root_{directory_.path()};
};

TEST_F(SettingTest, the_last_one_counts) {
    EXPECT_EQ(read_setting(root_, "/etc/vconsole.conf", "KEYMAP"), "de-latin1");
    EXPECT_EQ(read_setting(root_, "/etc/vconsole.conf", "NONE"), "");
    EXPECT_EQ(read_setting(root_, "/etc/none", "KEYMAP"), "");
}

TEST_F(SettingTest, is_a_condition) {
    EXPECT_TRUE(holds_setting(root_, "/etc/vconsole.conf:KEYMAP=*"));
    EXPECT_TRUE(holds_setting(root_, "/etc/vconsole.conf:KEYMAP=de*"));
    EXPECT_FALSE(holds_setting(root_, "/etc/vconsole.conf:KEYMAP=us"));
    EXPECT_FALSE(holds_setting(root_, "/etc/vconsole.conf:EMPTY=*"));
    EXPECT_FALSE(holds_setting(root_, "/etc/none:KEYMAP=*"));
    EXPECT_FALSE(holds_setting(root_, "/etc/vconsole.conf"));
}

TEST_F(SettingTest, stands_in_a_path) {
    EXPECT_EQ(expand_settings(root_, "/maps/*/{/etc/vconsole.conf:KEYMAP}.*"),
              "/maps/*/de-latin1.*");
    EXPECT_EQ(expand_settings(root_, "/{/etc/vconsole.conf:KEYMAP:2}*"), "/de*");
    EXPECT_EQ(expand_settings(root_, "/plain/path"), "/plain/path");
    EXPECT_EQ(expand_settings(root_, "/not {closed"), "/not {closed");
}

TEST_F(SettingTest, only_a_plain_name_stands_in_a_path) {
    EXPECT_FALSE(expand_settings(root_, "/{/etc/vconsole.conf:BAD}"));
    EXPECT_FALSE(expand_settings(root_, "/{/etc/vconsole.conf:DOT}"));
    EXPECT_FALSE(expand_settings(root_, "/{/etc/vconsole.conf:EMPTY}"));
    EXPECT_FALSE(expand_settings(root_, "/{/etc/vconsole.conf:NONE}"));
    EXPECT_FALSE(expand_settings(root_, "/{/etc/vconsole.conf}"));
    EXPECT_FALSE(expand_settings(root_, "/{/etc/vconsole.conf:KEYMAP:x}"));
}

} // namespace
} // namespace slipway
