// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/early_mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/fake_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> targets(const FakeSystem &system) {
    std::vector<std::string> names;
    for (const MountRequest &mount : system.mounts)
        names.push_back(mount.target);
    return names;
}

TEST(EarlyMounts, mount_the_kernel_file_systems_in_order) {
    FakeSystem system;
    EXPECT_THAT(mount_kernel_file_systems(system), IsEmpty());
    EXPECT_THAT(targets(system), ElementsAre("/proc", "/sys", "/dev", "/dev/pts"));
    EXPECT_EQ(system.mounts[0].type, "proc");
    EXPECT_EQ(system.mounts[1].flags, static_cast<unsigned long>(MS_NOSUID | MS_NOEXEC | MS_NODEV));
    EXPECT_EQ(system.mounts[2].type, "devtmpfs");
    EXPECT_EQ(system.mounts[2].flags, static_cast<unsigned long>(MS_NOSUID));
    EXPECT_EQ(system.mounts[3].data, "mode=620,gid=5");
}

TEST(EarlyMounts, mount_the_efi_variables_only_on_an_efi_machine) {
    FakeSystem system;
    system.add_directory("/sys/firmware/efi/efivars");
    EXPECT_THAT(mount_kernel_file_systems(system), IsEmpty());
    EXPECT_EQ(system.mounts.back().target, "/sys/firmware/efi/efivars");
    EXPECT_EQ(system.mounts.back().type, "efivarfs");
}

TEST(EarlyMounts, make_the_links_of_the_standard_streams) {
    FakeSystem system;
    EXPECT_THAT(mount_kernel_file_systems(system), IsEmpty());
    EXPECT_EQ(system.link("/dev/fd"), "/proc/self/fd");
    EXPECT_EQ(system.link("/dev/stdin"), "/proc/self/fd/0");
    EXPECT_EQ(system.link("/dev/stdout"), "/proc/self/fd/1");
    EXPECT_EQ(system.link("/dev/stderr"), "/proc/self/fd/2");
}

TEST(EarlyMounts, leave_existing_mounts_alone) {
    FakeSystem system;
    EXPECT_THAT(mount_kernel_file_systems(system), IsEmpty());
    EXPECT_THAT(mount_run(system, std::nullopt), IsEmpty());
    EXPECT_THAT(mount_kernel_file_systems(system), IsEmpty());
    EXPECT_THAT(mount_run(system, std::nullopt), IsEmpty());
    EXPECT_THAT(system.mounts, SizeIs(5));
}

TEST(EarlyMounts, take_a_busy_mount_point_for_mounted) {
    FakeSystem system;
    system.fail("mount", "/dev", EBUSY);
    EXPECT_THAT(mount_kernel_file_systems(system), IsEmpty());
}

TEST(EarlyMounts, go_on_after_a_failure_and_report_it) {
    FakeSystem system;
    system.fail("mount", "/sys", ENODEV);
    const auto errors = mount_kernel_file_systems(system);
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_THAT(errors[0].message(), HasSubstr("mount sysfs: mount /sys: No such device"));
    EXPECT_THAT(targets(system), ElementsAre("/proc", "/dev", "/dev/pts"));
}

TEST(EarlyMounts, mount_run_with_the_options_of_systemd_and_executable) {
    FakeSystem system;
    EXPECT_THAT(mount_run(system, std::nullopt), IsEmpty());
    ASSERT_THAT(system.mounts, SizeIs(1));
    EXPECT_EQ(system.mounts[0].flags,
              static_cast<unsigned long>(MS_NODEV | MS_NOSUID | MS_STRICTATIME));
    EXPECT_EQ(system.mounts[0].data, "mode=0755,size=20%,nr_inodes=800k");
}

TEST(EarlyMounts, take_the_size_of_run_from_the_user) {
    for (const std::string size : {"256M", "10%", "1048576"}) {
        FakeSystem system;
        EXPECT_THAT(mount_run(system, size), IsEmpty());
        EXPECT_EQ(system.mounts[0].data, "mode=0755,size=" + size + ",nr_inodes=800k");
    }
}

TEST(EarlyMounts, refuse_a_size_that_would_smuggle_options) {
    for (const std::string size : {"", "%", "10%,noexec", "1MM", "-1", "lots"}) {
        FakeSystem system;
        const auto errors = mount_run(system, size);
        ASSERT_THAT(errors, SizeIs(1)) << size;
        EXPECT_THAT(errors[0].message(), HasSubstr("initramfs.runsize="));
        EXPECT_EQ(system.mounts[0].data, "mode=0755,size=20%,nr_inodes=800k");
    }
}

TEST(EarlyMounts, never_make_what_would_fake_systemd_or_udev) {
    FakeSystem system;
    (void)mount_kernel_file_systems(system);
    (void)mount_run(system, std::nullopt);
    EXPECT_FALSE(system.exists("/run/systemd"));
    EXPECT_FALSE(system.exists("/run/udev"));
}

} // namespace
} // namespace slipway
