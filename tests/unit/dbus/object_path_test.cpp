// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/object_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace slipway {
namespace {

TEST(ObjectPath, keeps_letters_and_digits_and_escapes_the_rest) {
    EXPECT_EQ(path_element("sysroot"), "sysroot");
    EXPECT_EQ(path_element("luks@12-ab"), "luks_4012_2dab");
    EXPECT_EQ(path_element("0a"), "_30a");
    EXPECT_EQ(path_element("a_b"), "a_5fb");
    EXPECT_EQ(path_element(""), "_");
    EXPECT_EQ(object_path(kUnitPaths, "a/b"), "/org/slipway/unit/a_2fb");
}

TEST(ObjectPath, is_valid_and_different_for_every_name) {
    std::set<std::string> seen;
    for (int first = 0; first < 256; ++first) {
        for (const std::string rest : {"", "_", "a", "0"}) {
            const std::string element = path_element(static_cast<char>(first) + rest);
            EXPECT_TRUE(seen.insert(element).second) << element;
            EXPECT_TRUE(std::ranges::all_of(element, [](char c) {
                return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z');
            })) << element;
        }
    }
}

} // namespace
} // namespace slipway
