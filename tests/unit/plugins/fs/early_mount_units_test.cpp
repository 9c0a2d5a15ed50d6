// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/early_mount_units.h"

#include <gmock/gmock.h>

#include "fs/fstab_plan.h"

namespace slipway::fs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string units(std::string_view fstab, const std::vector<std::string> &taken = {}) {
    const FstabPlan plan = plan_fstab("f", parse_fstab("f", fstab), {});
    return write_mount_units(plan.mounts, taken, MountStage::from_fstab, {});
}

TEST(EarlyMountUnits, UsrIsCheckedAndMountedAndAGoal) {
    EXPECT_EQ(units("UUID=2 /usr ext4 x-systemd.device-timeout=3s 0 2"), R"([[unit]]
name = "fsck-sysroot/usr"
kind = "job"
plugin = "fs"
description = "Check the file system of /usr from UUID=2"
device = "UUID=2"
device_timeout = "3s"
writes = true
wanted = "never"
timeout = "24h"
params = { operation = "check", types = "ext4", mode = "auto", repair = "preen", marker = "fsck-usr" }

[[unit]]
name = "sysroot/usr"
kind = "mount"
plugin = "fs"
description = "Mount /usr from UUID=2"
device = "UUID=2"
device_timeout = "3s"
writes = true
requires = ["sysroot", "fsck-sysroot/usr"]
goal = true
retries = 5
backoff = "200ms"
params = { operation = "mount", types = "ext4", flags = "ro", root = "/sysroot", target = "/usr" }

)");
}

TEST(EarlyMountUnits, AMountPointWithAnAtSignIsNoTemplate) {
    const std::string text = units("UUID=1 /a@ ext4 x-initrd.mount 0 2\n"
                                   "UUID=2 /a@/b%40 ext4 x-initrd.mount\n");
    EXPECT_THAT(text, HasSubstr("name = \"fsck-sysroot/a%40\"\n"));
    EXPECT_THAT(text, HasSubstr("target = \"/a@\""));
    EXPECT_THAT(text, HasSubstr("name = \"sysroot/a%40/b%2540\"\n"));
    EXPECT_THAT(text, HasSubstr("requires = [\"sysroot\", \"sysroot/a%40\"]\n"));
}

TEST(EarlyMountUnits, AMountPointThatIsTooLongForAUnitIsLeftOut) {
    const std::string line = "UUID=1 /" + std::string(1000, 'a') + " ext4 x-initrd.mount";
    const FstabPlan plan = plan_fstab("f", parse_fstab("f", line), {});
    EXPECT_TRUE(plan.mounts.empty());
    EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("the mount point is too long")));
}

TEST(EarlyMountUnits, AMountPointThatNoUnitCanNameIsLeftOut) {
    for (const char *where : {"/a\xff", "/a\\012b"}) {
        const std::string line = "UUID=1 " + std::string(where) + " ext4 x-initrd.mount";
        const FstabPlan plan = plan_fstab("f", parse_fstab("f", line), {});
        EXPECT_TRUE(plan.mounts.empty()) << where;
        EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("control characters or is not UTF-8")));
    }
}

TEST(EarlyMountUnits, AnOptionalMountIsNoGoal) {
    EXPECT_THAT(units("UUID=2 /x ext4 x-initrd.mount,nofail 0 0"), Not(HasSubstr("goal")));
}

TEST(EarlyMountUnits, OnlyUsrLeavesAMarkForTheHost) {
    EXPECT_THAT(units("UUID=2 /x ext4 x-initrd.mount 0 2"), Not(HasSubstr("marker")));
}

TEST(EarlyMountUnits, AMountBelowAnotherComesAfterItWhateverTheOrderOfTheLines) {
    const std::string text =
        units("UUID=1 /usr/local/a ext4 x-initrd.mount 0 0\n"
              "UUID=2 /usr/local ext4 x-initrd.mount 0 0\n"
              "UUID=3 /usr ext4 ro 0 0\nUUID=4 /usr2 ext4 x-initrd.mount 0 0\n");
    EXPECT_THAT(text, HasSubstr("requires = [\"sysroot\", \"sysroot/usr/local\"]\n"));
    EXPECT_THAT(text, HasSubstr("requires = [\"sysroot\", \"sysroot/usr\"]\n"));
    EXPECT_THAT(text, HasSubstr("Mount /usr2 from UUID=4\"\ndevice = \"UUID=4\"\nwrites = true\n"
                                "requires = [\"sysroot\"]\n"));
}

TEST(EarlyMountUnits, AMountBelowOneOfTheCommandLineComesAfterThat) {
    EXPECT_THAT(units("UUID=2 /usr/local ext4 x-initrd.mount 0 0", {"/usr"}),
                HasSubstr("requires = [\"sysroot\", \"sysroot/usr\"]\n"));
}

TEST(EarlyMountUnits, RequiredPathsAndSourcesOfBindsBringTheirMounts) {
    const std::string text =
        units("UUID=1 /var ext4 x-initrd.mount 0 0\n"
              "UUID=2 /a ext4 x-initrd.mount,x-systemd.requires-mounts-for=/var/lib/x 0 0\n"
              "/var/b /b none bind,x-initrd.mount 0 0\n");
    EXPECT_THAT(text, HasSubstr("Mount /a from UUID=2\"\ndevice = \"UUID=2\"\nwrites = true\n"
                                "requires = [\"sysroot\", \"sysroot/var\"]\n"));
    EXPECT_THAT(text, HasSubstr("Mount /b from /var/b\"\n"
                                "requires = [\"sysroot\", \"sysroot/var\"]\n"));
    EXPECT_THAT(text, HasSubstr("bind = \"/var/b\""));
}

TEST(EarlyMountUnits, AMountOfTheCommandLineComesAfterWhatFstabMountsAboveIt) {
    std::vector<std::string> complaints;
    const auto deep = parse_mount_extra("/dev/a:/usr/local", true, complaints);
    const auto own = parse_mount_extra("/dev/b:/mnt/x", false, complaints);
    const std::string text =
        write_mount_units(std::vector{*deep, *own}, {}, MountStage::before_fstab, {});
    EXPECT_THAT(text, HasSubstr("requires = [\"sysroot\"]\n"
                                "after = [\"sysroot/usr\", \"sysroot-fstab\"]\n"));
    EXPECT_THAT(text, HasSubstr("name = \"initrd/mnt/x\""));
    EXPECT_THAT(text, HasSubstr("writes = true\ngoal = true\n"
                                "retries = 5\nbackoff = \"200ms\"\n"
                                "params = { operation = \"mount\", flags = \"rw\", "
                                "target = \"/mnt/x\" }"));
}

TEST(EarlyMountUnits, NoTextForgesAKey) {
    EXPECT_THAT(units("LABEL=a\"\\012goal=1 /x\"\\012y ext4 x-initrd.mount,nofail 0 0"),
                Not(HasSubstr("\ngoal")));
}

TEST(MountExtra, ReadsUpToFourParts) {
    std::vector<std::string> complaints;
    const auto mount = parse_mount_extra(
        "/dev/disk/by-path/pci-0\\:1:/data:ext4:ro,nofail,x-systemd.makefs", true, complaints);
    ASSERT_TRUE(mount);
    EXPECT_EQ(mount->device, "/dev/disk/by-path/pci-0:1");
    EXPECT_EQ(mount->where, "/data");
    EXPECT_EQ(mount->flags, "ro");
    EXPECT_TRUE(mount->may_fail);
    EXPECT_THAT(complaints, ::testing::ElementsAre(HasSubstr("x-systemd.makefs")));
}

TEST(MountExtra, RefusesWhatItCannotMount) {
    std::vector<std::string> complaints;
    for (const char *text : {"/dev/a", "/dev/a:relative", "/dev/a:/", "/dev/a:/b/../..",
                             "/dev/a:/b:ext4:rw:more", "file:/b", "nas\\:/x:/b:nfs"}) {
        const auto mount = parse_mount_extra(text, true, complaints);
        ASSERT_FALSE(mount) << text;
        EXPECT_THAT(mount.error().message(), HasSubstr("systemd.mount-extra="));
    }
}

} // namespace
} // namespace slipway::fs
