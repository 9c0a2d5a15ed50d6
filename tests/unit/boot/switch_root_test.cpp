// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/switch_root.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/fake_system.h"
#include "sys/linux_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SwitchRootTest : public testing::Test {
protected:
    SwitchRootTest() {
        for (const char *name : {"/dev", "/proc", "/sys", "/run"}) {
            system_.add_directory(name);
            system_.add_directory(std::string("/sysroot") + name);
        }
        system_.add_symlink("/sysroot/sbin/init", "/usr/lib/systemd/systemd");
        system_.add_file("/sysroot/usr/lib/systemd/systemd", "elf", 0755);
        system_.add_file("/sysroot/usr/lib/os-release", "ID=debian\n");
        EXPECT_TRUE(system_.mount({"/dev/vda1", "/sysroot", "ext4", MS_RDONLY, ""}));
        system_.calls.clear();
    }

    // The message of the refusal; "" if prepare() found nothing wrong.
    std::string refusal() {
        const auto plan = SwitchRoot(system_).prepare({});
        return plan ? "" : plan.error().message();
    }

    FakeSystem system_;
};

TEST_F(SwitchRootTest, prepares_the_command_line_of_systemd) {
    SwitchRoot::Request request;
    request.kernel_arguments = {"single"};
    request.kernel_environment = {"TERM=linux", "SYSTEMD_IN_INITRD=1"};
    request.start = {.realtime = 10, .monotonic = 20};
    const auto plan = SwitchRoot(system_).prepare(request);
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->program.arguments,
                ElementsAre("/sbin/init", "--switched-root", "--system",
                            "--deserialize=" + std::to_string(plan->state.get()), "single"));
    EXPECT_THAT(plan->program.environment, ElementsAre("TERM=linux"));
    EXPECT_THAT(system_.memory_files, ElementsAre("initrd-timestamp=10 20\n\n"));
    EXPECT_THAT(plan->warnings, IsEmpty());
}

TEST_F(SwitchRootTest, boots_without_the_state_if_it_cannot_be_made) {
    system_.fail("memfd", "systemd-state", EMFILE);
    const auto plan = SwitchRoot(system_).prepare({});
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->program.arguments, ElementsAre("/sbin/init"));
    ASSERT_THAT(plan->warnings, SizeIs(1));
    EXPECT_THAT(plan->warnings[0], HasSubstr("systemd-analyze"));
}

TEST_F(SwitchRootTest, warns_about_a_root_without_an_operating_system) {
    ASSERT_TRUE(system_.remove_file("/sysroot/usr/lib/os-release"));
    const auto plan = SwitchRoot(system_).prepare({});
    ASSERT_TRUE(plan);
    ASSERT_THAT(plan->warnings, SizeIs(1));
    EXPECT_THAT(plan->warnings[0], HasSubstr("os-release"));
}

TEST_F(SwitchRootTest, refuses_a_sysroot_on_which_nothing_is_mounted) {
    system_.mounts.clear();
    EXPECT_THAT(refusal(), HasSubstr("nothing is mounted on /sysroot"));
}

TEST_F(SwitchRootTest, refuses_a_sysroot_without_init) {
    ASSERT_TRUE(system_.remove_file("/sysroot/usr/lib/systemd/systemd"));
    EXPECT_THAT(refusal(), HasSubstr("has no init"));
}

TEST_F(SwitchRootTest, makes_a_missing_mount_point) {
    FakeSystem system;
    system.add_file("/sysroot/sbin/init", "elf", 0755);
    ASSERT_TRUE(system.mount({"/dev/vda1", "/sysroot", "ext4", 0, ""}));
    ASSERT_TRUE(SwitchRoot(system).prepare({}));
    for (const char *name : {"/sysroot/dev", "/sysroot/proc", "/sysroot/sys", "/sysroot/run"})
        EXPECT_TRUE(system.exists(name)) << name;
}

TEST_F(SwitchRootTest, explains_a_missing_mount_point_on_a_read_only_root) {
    FakeSystem system;
    system.add_file("/sysroot/sbin/init", "elf", 0755);
    ASSERT_TRUE(system.mount({"/dev/vda1", "/sysroot", "ext4", MS_RDONLY, ""}));
    system.fail("mkdir", "/sysroot/run", EROFS);
    const auto plan = SwitchRoot(system).prepare({});
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message(),
                HasSubstr("/run is missing in the real root, which is mounted read-only"));
}

TEST_F(SwitchRootTest, refuses_a_mount_point_that_is_a_link) {
    FakeSystem system;
    system.add_file("/sysroot/sbin/init", "elf", 0755);
    system.add_symlink("/sysroot/run", "/var/run");
    ASSERT_TRUE(system.mount({"/dev/vda1", "/sysroot", "ext4", 0, ""}));
    const auto plan = SwitchRoot(system).prepare({});
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message(), HasSubstr("is a link to /var/run"));
}

TEST_F(SwitchRootTest, prepare_changes_nothing_on_a_complete_root) {
    ASSERT_TRUE(SwitchRoot(system_).prepare({}));
    EXPECT_THAT(system_.calls, ElementsAre("memfd systemd-state"));
}

TEST_F(SwitchRootTest, commit_does_the_steps_in_their_order) {
    SwitchRoot switch_root(system_);
    const auto plan = switch_root.prepare({});
    ASSERT_TRUE(plan);
    system_.calls.clear();
    (void)switch_root.commit(*plan);
    EXPECT_THAT(system_.calls,
                ElementsAre("mount - /", "open /", "mount /run /sysroot/run",
                            "mount /sys /sysroot/sys", "mount /proc /sysroot/proc",
                            "mount /dev /sysroot/dev", "chdir /sysroot", "mount . /", "chroot .",
                            "chdir /", "delete contents", "exec /sbin/init"));
}

TEST_F(SwitchRootTest, commit_puts_the_mounts_back_when_one_cannot_be_moved) {
    SwitchRoot switch_root(system_);
    const auto plan = switch_root.prepare({});
    ASSERT_TRUE(plan);
    system_.fail("mount", "/sysroot/proc", EINVAL);
    system_.calls.clear();
    const Error error = switch_root.commit(*plan);
    EXPECT_THAT(error.message(), HasSubstr("move /proc into the real root"));
    EXPECT_THAT(system_.calls, ElementsAre("mount - /", "open /", "mount /run /sysroot/run",
                                           "mount /sys /sysroot/sys", "mount /proc /sysroot/proc",
                                           "mount /sysroot/sys /sys", "mount /sysroot/run /run"));
}

TEST_F(SwitchRootTest, commit_keeps_the_initrd_when_the_root_cannot_take_its_place) {
    SwitchRoot switch_root(system_);
    const auto plan = switch_root.prepare({});
    ASSERT_TRUE(plan);
    system_.fail("chdir", "/sysroot", EIO);
    system_.calls.clear();
    EXPECT_THAT(switch_root.commit(*plan).message(), HasSubstr("in the place of the initrd"));
    EXPECT_THAT(system_.calls, testing::Contains("mount /sysroot/dev /dev"));
    EXPECT_THAT(system_.calls, testing::Not(testing::Contains("delete contents")));
}

TEST_F(SwitchRootTest, commit_reports_an_init_that_cannot_be_executed) {
    SwitchRoot switch_root(system_);
    const auto plan = switch_root.prepare({});
    ASSERT_TRUE(plan);
    system_.fail("exec", "/sbin/init", ENOEXEC);
    EXPECT_EQ(switch_root.commit(*plan).code(), ENOEXEC);
}

// --- for real, in mount namespaces -------------------------------------------------------------

constexpr int kNoNamespace = 77;
constexpr int kPassed = 42;

// What the real init of the test finds is told by the last test that holds.
constexpr const char *kInit = R"script(#!/bin/sh
[ "$0" = /sbin/init ] || exit 2
[ "$1" = word ] || exit 3
[ -e /run/from-initrd ] || exit 4
[ -e /dev/from-initrd ] || exit 5
[ ! -e /initramfs ] || exit 6
[ "$KEPT" = yes ] || exit 7
[ -z "$SYSTEMD_IN_INITRD" ] || exit 8
[ "$(umask)" = 0022 ] || exit 9
exit 42
)script";

// Nothing that is mounted below /tmp from now on is seen outside. Where "/" is only a changed root
// and not a mount (as in the sandbox), /tmp itself has to be one.
bool make_private() {
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ||
           ::mount(nullptr, "/tmp", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool mount_tmpfs(const std::string &target) {
    return ::mkdir(target.c_str(), 0755) == 0 &&
           ::mount("tmpfs", target.c_str(), "tmpfs", 0, nullptr) == 0;
}

// A pretended initramfs at `base`, with a pretended real root that borrows this system's /usr.
bool build_world(LinuxSystem &system, const std::string &base) {
    const std::string root = base + "/sysroot";
    if (::mount("tmpfs", base.c_str(), "tmpfs", 0, nullptr) != 0 || !mount_tmpfs(root))
        return false;
    for (const char *name : {"/dev", "/proc", "/sys", "/run"}) {
        if (!mount_tmpfs(base + name) || !system.write_file(base + name + "/from-initrd", ""))
            return false;
    }
    if (!system.make_directories(root + "/usr") || !system.make_directories(root + "/sbin") ||
        ::mount("/usr", (root + "/usr").c_str(), nullptr, MS_BIND, nullptr) != 0)
        return false;
    for (const char *name : {"bin", "lib", "lib64"})
        (void)system.replace_symlink(std::string("usr/") + name, root + "/" + name);
    return system.write_file(root + "/sbin/init", kInit, 0755).has_value() &&
           ::chmod((root + "/sbin/init").c_str(), 0755) == 0 &&
           system.make_directories(base + "/initramfs/a/b").has_value() &&
           system.write_file(base + "/initramfs/a/b/file", "x").has_value();
}

// In the child: everything happens in namespaces of its own, and the only directory whose contents
// are deleted is the tmpfs that it is locked into before.
[[noreturn]] void switch_in_namespace(const std::string &base) {
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        ::_exit(kNoNamespace);
    if (!make_private())
        ::_exit(kNoNamespace);
    LinuxSystem system;
    if (!build_world(system, base) || ::chdir(base.c_str()) != 0 || ::chroot(".") != 0 ||
        ::access("/initramfs", F_OK) != 0)
        ::_exit(kNoNamespace);
    (void)::umask(077);
    SwitchRoot switch_root(system);
    SwitchRoot::Request request;
    request.kernel_arguments = {"word"};
    request.kernel_environment = {"KEPT=yes", "SYSTEMD_IN_INITRD=1", "PATH=/usr/bin:/bin"};
    const auto plan = switch_root.prepare(request);
    if (!plan)
        ::_exit(100);
    (void)switch_root.commit(*plan);
    ::_exit(101);
}

TEST(SwitchRootForReal, the_new_init_runs_in_the_real_root_with_the_moved_mounts) {
    std::string base = "/tmp/slipway-switch-root-XXXXXX";
    ASSERT_NE(::mkdtemp(base.data()), nullptr);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0)
        switch_in_namespace(base);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(::rmdir(base.c_str()), 0);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == kNoNamespace)
        GTEST_SKIP() << "mount namespaces are not permitted here";
    EXPECT_EQ(WEXITSTATUS(status), kPassed);
}

} // namespace
} // namespace slipway
