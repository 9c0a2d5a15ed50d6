// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/real_init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/fake_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::HasSubstr;

// A merged /usr, as Debian has it.
void add_debian(FakeSystem &system) {
    system.add_symlink("/sysroot/sbin", "usr/sbin");
    system.add_symlink("/sysroot/lib", "usr/lib");
    system.add_symlink("/sysroot/usr/sbin/init", "../lib/systemd/systemd");
    system.add_file("/sysroot/usr/lib/systemd/systemd", "elf", 0755);
}

TEST(ResolveInRoot, follows_relative_and_absolute_links_inside_the_root) {
    FakeSystem system;
    add_debian(system);
    system.add_symlink("/sysroot/absolute", "/lib/systemd");
    EXPECT_EQ(resolve_in_root(system, "/sysroot", "/sbin/init").value(),
              "/usr/lib/systemd/systemd");
    EXPECT_EQ(resolve_in_root(system, "/sysroot", "/absolute/systemd").value(),
              "/usr/lib/systemd/systemd");
    EXPECT_EQ(resolve_in_root(system, "/sysroot", "/").value(), "/");
}

TEST(ResolveInRoot, never_leaves_the_root) {
    FakeSystem system;
    system.add_file("/bin/sh", "of the initrd", 0755);
    system.add_symlink("/sysroot/sbin/init", "../../../bin/sh");
    EXPECT_FALSE(resolve_in_root(system, "/sysroot", "/sbin/init"));
    system.add_file("/sysroot/bin/sh", "of the host", 0755);
    EXPECT_EQ(resolve_in_root(system, "/sysroot", "/sbin/init").value(), "/bin/sh");
}

TEST(ResolveInRoot, gives_up_on_a_loop_of_links) {
    FakeSystem system;
    system.add_symlink("/sysroot/a", "b");
    system.add_symlink("/sysroot/b", "a");
    const auto resolved = resolve_in_root(system, "/sysroot", "/a");
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code(), ELOOP);
}

TEST(FindRealInit, finds_systemd_behind_the_links_of_debian) {
    FakeSystem system;
    add_debian(system);
    const auto init = find_real_init(system, "/sysroot", std::nullopt);
    ASSERT_TRUE(init);
    EXPECT_EQ(init->path, "/sbin/init");
    EXPECT_EQ(init->resolved, "/usr/lib/systemd/systemd");
    EXPECT_TRUE(init->is_systemd);
}

TEST(FindRealInit, tells_another_init_from_systemd) {
    FakeSystem system;
    system.add_file("/sysroot/sbin/init", "elf", 0755);
    const auto init = find_real_init(system, "/sysroot", std::nullopt);
    ASSERT_TRUE(init);
    EXPECT_FALSE(init->is_systemd);
}

TEST(FindRealInit, takes_the_next_of_the_list_when_one_is_not_executable) {
    FakeSystem system;
    system.add_file("/sysroot/sbin/init", "text", 0644);
    system.add_file("/sysroot/bin/init", "elf", 0755);
    EXPECT_EQ(find_real_init(system, "/sysroot", std::nullopt).value().path, "/bin/init");
}

TEST(FindRealInit, takes_what_the_user_named_and_nothing_else) {
    FakeSystem system;
    add_debian(system);
    system.add_file("/sysroot/bin/sh", "elf", 0755);
    EXPECT_EQ(find_real_init(system, "/sysroot", "/bin/sh").value().path, "/bin/sh");
    const auto missing = find_real_init(system, "/sysroot", "/bin/none");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message(), HasSubstr("init=/bin/none: "));
}

TEST(FindRealInit, never_falls_back_to_a_shell_and_says_what_to_do) {
    FakeSystem system;
    system.add_file("/sysroot/bin/sh", "elf", 0755);
    const auto init = find_real_init(system, "/sysroot", std::nullopt);
    ASSERT_FALSE(init);
    EXPECT_THAT(init.error().message(), HasSubstr("/sbin/init in the real root"));
    EXPECT_THAT(init.error().message(), HasSubstr("check that root= names the right file system"));
}

} // namespace
} // namespace slipway
