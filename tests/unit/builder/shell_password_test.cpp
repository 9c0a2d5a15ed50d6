// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/shell_password.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using enum ShellChoice;

std::string chosen(const std::optional<std::string> &shadow, ShellChoice choice,
                   bool is_host_image = true) {
    const auto password = shell_password(shadow, choice, is_host_image);
    if (!password)
        return "refused";
    return password->value_or("no file");
}

TEST(PasswordOfRoot, IsTheSecondFieldOfItsLine) {
    EXPECT_EQ(password_of_root("daemon:*:1\nroot:$6$x:2:::\n"), "$6$x");
    EXPECT_EQ(password_of_root("root:"), "");
    EXPECT_EQ(password_of_root("root:*"), "*");
    EXPECT_EQ(password_of_root("rootless:x:\n root:y:\n"), std::nullopt);
    EXPECT_EQ(password_of_root(""), std::nullopt);
}

TEST(ShellPassword, AutomaticFollowsTheRootOfAHostImage) {
    EXPECT_EQ(chosen("root:$6$x:1", automatic), "$6$x\n");
    EXPECT_EQ(chosen("root:!$6$x:1", automatic), "!\n");
    EXPECT_EQ(chosen("root:*:1", automatic), "!\n");
    EXPECT_EQ(chosen("root::1", automatic), "no file");
    EXPECT_EQ(chosen("other:x:1", automatic), "no file");
    EXPECT_EQ(chosen(std::nullopt, automatic), "no file");
}

TEST(ShellPassword, AGenericImageAsksForNoneUnlessItIsTold) {
    EXPECT_EQ(chosen("root:$6$x:1", automatic, false), "no file");
    EXPECT_EQ(chosen("root:$6$x:1", authenticated, false), "$6$x\n");
}

TEST(ShellPassword, OpenIsOpenAndAuthenticatedNeedsAPassword) {
    EXPECT_EQ(chosen("root:$6$x:1", open), "no file");
    EXPECT_EQ(chosen("root:*:1", open), "no file");
    for (const std::string shadow : {"root:*:1", "root:!:1", "root::1", "x:y:1", ""})
        EXPECT_EQ(chosen(shadow, authenticated), "refused") << shadow;
    EXPECT_EQ(chosen(std::nullopt, authenticated), "refused");
}

} // namespace
} // namespace slipway
