// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/fstab_plan.h"

#include <gmock/gmock.h>

namespace slipway::fs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

FstabPlan plan(std::string_view text, const FstabPolicy &policy = {}) {
    return plan_fstab("/etc/fstab", parse_fstab("/etc/fstab", text), policy);
}

std::vector<std::string> points(const FstabPlan &plan) {
    std::vector<std::string> paths;
    for (const EarlyMount &mount : plan.mounts)
        paths.push_back(mount.where);
    return paths;
}

TEST(FstabPlan, TakesUsrAndWhatIsMarkedForTheInitrd) {
    const FstabPlan found = plan("UUID=1 / ext4 rw 0 1\nUUID=2 /usr ext4 rw 0 2\n"
                                 "UUID=3 /home ext4 rw 0 2\nUUID=4 /etc xfs x-initrd.mount 0 0\n"
                                 "UUID=5 none swap sw 0 0\nnas:/x /mnt nfs rw 0 0\n");
    EXPECT_THAT(points(found), ElementsAre("/usr", "/etc"));
    EXPECT_THAT(found.problems, IsEmpty());
    EXPECT_EQ(found.mounts[0].device, "UUID=2");
    EXPECT_THAT(found.mounts[0].types, ElementsAre("ext4"));
    EXPECT_TRUE(found.mounts[0].wants_check);
    EXPECT_FALSE(found.mounts[1].wants_check); // passno 0
}

TEST(FstabPlan, UsrFollowsTheModeOfTheCommandLineOthersTheirLine) {
    const std::string text = "a=/ignored /x y\nUUID=2 /usr ext4 defaults,noatime,rw 0 2\n"
                             "UUID=4 /etc ext4 x-initrd.mount 0 0\n"
                             "UUID=5 /opt ext4 x-initrd.mount,ro 0 0\n";
    const FstabPlan read_only = plan(text);
    EXPECT_EQ(read_only.mounts[0].flags, "noatime,ro");
    EXPECT_EQ(read_only.mounts[1].flags, "rw");
    EXPECT_EQ(read_only.mounts[2].flags, "ro");
    EXPECT_EQ(plan(text, {.is_usr_writable = true, .taken = {}}).mounts[0].flags, "noatime,rw");
}

TEST(FstabPlan, NofailMakesAnEntryOptionalButNotUsr) {
    const FstabPlan found = plan("UUID=2 /usr ext4 nofail,noauto 0 2\n"
                                 "UUID=4 /etc ext4 nofail,x-initrd.mount 0 0\n");
    ASSERT_THAT(points(found), ElementsAre("/usr", "/etc"));
    EXPECT_FALSE(found.mounts[0].may_fail);
    EXPECT_TRUE(found.mounts[1].may_fail);
}

TEST(FstabPlan, TakesTimesAndOrderOutOfTheOptions) {
    const FstabPlan found =
        plan("UUID=4 /etc ext4 "
             "x-initrd.mount,x-systemd.device-timeout=5min,x-systemd.mount-timeout=infinity,"
             "x-systemd.requires-mounts-for=/var/lib,x-gvfs-hide,comment=a,discard 0 0\n");
    ASSERT_THAT(found.mounts, SizeIs(1));
    EXPECT_EQ(found.mounts[0].device_timeout, "5min");
    EXPECT_EQ(found.mounts[0].timeout, "infinity");
    EXPECT_THAT(found.mounts[0].needed_paths, ElementsAre("/var/lib"));
    EXPECT_EQ(found.mounts[0].flags, "discard,rw");
    EXPECT_THAT(found.problems, IsEmpty());
}

TEST(FstabPlan, SaysWhatIsNotHonouredWithItsLine) {
    const FstabPlan found =
        plan("nas:/usr /usr nfs4 ro 0 0\n//nas/x /a cifs x-initrd.mount 0 0\n"
             "UUID=1 /b ext4 x-initrd.mount,_netdev 0 0\nUUID=2 /c ext4 x-initrd.mount,noauto 0 0\n"
             "UUID=3 none swap x-initrd.mount 0 0\nsomething /d ext4 x-initrd.mount 0 0\n"
             "UUID=4 /e ext4 x-initrd.mount,x-systemd.requires=x.service 0 0\n"
             "UUID=5 /e ext4 x-initrd.mount 0 0\n");
    EXPECT_THAT(points(found), ElementsAre("/e"));
    EXPECT_THAT(found.problems,
                ElementsAre(AllOf(HasSubstr("/etc/fstab:1: /usr: "), HasSubstr("network")),
                            AllOf(HasSubstr(":2: /a: "), HasSubstr("network")),
                            AllOf(HasSubstr(":3: /b: "), HasSubstr("network")),
                            AllOf(HasSubstr(":4: /c: "), HasSubstr("noauto")),
                            AllOf(HasSubstr(":5: none: "), HasSubstr("swap")),
                            AllOf(HasSubstr(":6: /d: "), HasSubstr("something is no device")),
                            AllOf(HasSubstr(":7: /e: "), HasSubstr("x-systemd.requires=x.service")),
                            AllOf(HasSubstr(":8: /e: "), HasSubstr("same mount point"))));
}

TEST(FstabPlan, RefusesPathsThatLeaveTheRoot) {
    const FstabPlan found = plan("UUID=1 /../etc ext4 x-initrd.mount 0 0\n"
                                 "UUID=1 usr ext4 x-initrd.mount 0 0\n"
                                 "/../../x /b none bind,x-initrd.mount 0 0\n");
    EXPECT_THAT(found.mounts, IsEmpty());
    EXPECT_THAT(found.problems, SizeIs(3));
}

TEST(FstabPlan, ThePathsAreComparedInTheirNormalForm) {
    const FstabPlan found =
        plan("UUID=1 //usr/./ ext4 ro 0 0\nUUID=1 /./ ext4 x-initrd.mount 0 0\n");
    EXPECT_THAT(points(found), ElementsAre("/usr"));
    EXPECT_THAT(found.problems, IsEmpty());
}

TEST(FstabPlan, WhatTheCommandLineMountsIsLeftToIt) {
    EXPECT_THAT(
        plan("UUID=2 /usr ext4 ro 0 2\n", {.is_usr_writable = false, .taken = {"/usr"}}).mounts,
        IsEmpty());
}

TEST(FstabPlan, BindsAndMemoryNeedNoDevice) {
    const FstabPlan found = plan("/srv//x /x none bind,x-initrd.mount 0 0\n"
                                 "tmpfs /y tmpfs size=1M,x-initrd.mount 0 1\n");
    ASSERT_THAT(points(found), ElementsAre("/x", "/y"));
    EXPECT_TRUE(found.mounts[0].is_bind);
    EXPECT_EQ(found.mounts[0].source, "/srv/x");
    EXPECT_EQ(found.mounts[0].flags, "bind,rw");
    EXPECT_EQ(found.mounts[1].source, "tmpfs");
    EXPECT_FALSE(found.mounts[1].wants_check);
}

} // namespace
} // namespace slipway::fs
