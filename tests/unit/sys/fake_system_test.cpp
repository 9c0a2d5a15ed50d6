// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The fake has to refuse what the kernel refuses; otherwise tests that use it prove nothing.
#include "support/fake_system.h"

#include <fcntl.h>

#include <gmock/gmock.h>

namespace slipway::test {
namespace {

using testing::ElementsAre;

TEST(FakeSystem, KnowsOnlyWhatTheTestPutThere) {
    FakeSystem system;
    system.add_file("/proc/cmdline", "quiet\n");
    EXPECT_EQ(system.read_file("/proc/cmdline").value(), "quiet\n");
    EXPECT_EQ(system.read_file("/proc/version").error().code(), ENOENT);
    EXPECT_EQ(system.write_file("/sys/x", "1").error().code(), ENOENT);
    EXPECT_EQ(system.open("/dev/kmsg", O_WRONLY).error().code(), ENOENT);
    EXPECT_EQ(system.mount({"", "/run", "tmpfs", 0, ""}).error().code(), ENOENT);
}

TEST(FakeSystem, FollowsLinksLikeTheKernel) {
    FakeSystem system;
    system.add_file("/usr/sbin/init", "", 0755);
    system.add_symlink("/sbin", "usr/sbin");
    system.add_symlink("/init", "sbin/../sbin/init");
    system.add_symlink("/loop", "loop");
    EXPECT_TRUE(system.is_executable("/sbin/init"));
    EXPECT_TRUE(system.is_executable("/init"));
    EXPECT_FALSE(system.status("/loop"));
    EXPECT_EQ(system.read_symlink("/init").value(), "sbin/../sbin/init");
    EXPECT_EQ(system.read_symlink("/sbin/init").error().code(), EINVAL);
}

TEST(FakeSystem, KeepsMountsAndCalls) {
    FakeSystem system;
    system.add_directory("/run");
    EXPECT_TRUE(system.mount({"tmpfs", "/run", "tmpfs", 0, "mode=0755"}));
    EXPECT_THAT(system.calls, ElementsAre("mount tmpfs /run"));
    EXPECT_EQ(system.mounts.size(), 1U);
    EXPECT_TRUE(system.unmount("/run", 0));
    EXPECT_FALSE(system.unmount("/run", 0));
}

TEST(FakeSystem, FailsOnDemand) {
    FakeSystem system;
    system.add_file("/a", "x");
    system.fail("read", "/a", EIO);
    EXPECT_EQ(system.read_file("/a").error().code(), EIO);
    system.succeed_again("read", "/a");
    EXPECT_EQ(system.read_file("/a").value(), "x");
}

TEST(FakeSystem, MakesListsAndRemovesFiles) {
    FakeSystem system;
    EXPECT_TRUE(system.make_directories("/a/b"));
    EXPECT_TRUE(system.write_file("/a/b/x", "1"));
    EXPECT_TRUE(system.replace_symlink("x", "/a/b/y"));
    EXPECT_THAT(system.list_directory("/a/b").value(), ElementsAre("x", "y"));
    EXPECT_TRUE(system.remove_file("/a/b/x"));
    EXPECT_THAT(system.list_directory("/a/b").value(), ElementsAre("y"));
    EXPECT_FALSE(system.remove_file("/a/b"));
}

} // namespace
} // namespace slipway::test
