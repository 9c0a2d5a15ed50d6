// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/mount_plan.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace slipway::fs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ProbedDevice probed(const char *type, const char *usage, bool is_ambivalent = false) {
    return {.devnode = "/dev/vda2",
            .type = type,
            .usage = usage,
            .is_ambivalent = is_ambivalent,
            .uuid = "1234",
            .options = ""};
}

const ProbedDevice kExt4 = probed("ext4", "filesystem");

std::string explained(int code, std::string_view type, std::string_view flags = "ro",
                      std::string_view found = "", std::string_view detail = "") {
    return explain_mount_failure({.code = code,
                                  .type = type,
                                  .devnode = "/dev/vda2",
                                  .flags = flags,
                                  .found_type = found,
                                  .detail = detail});
}

TEST(MountTypes, ProbingDecidesWhenNothingIsAsked) {
    EXPECT_THAT(*choose_types(kExt4, {}), ElementsAre("ext4"));
}

TEST(MountTypes, TheCommandLineWinsOverProbing) {
    EXPECT_THAT(*choose_types(kExt4, {"xfs", "btrfs"}), ElementsAre("xfs", "btrfs"));
}

TEST(MountTypes, AListIsNarrowedToWhatProbingFound) {
    EXPECT_THAT(*choose_types(kExt4, {"xfs", "ext4"}), ElementsAre("ext4"));
}

TEST(MountTypes, AnAmbivalentResultIsNotGuessed) {
    const auto types = choose_types(probed("", "", true), {});
    ASSERT_FALSE(types);
    EXPECT_THAT(types.error().message(), HasSubstr("wipefs"));
    EXPECT_TRUE(choose_types(probed("", "", true), {"ext4"}));
}

TEST(MountTypes, AContainerIsNamedAsSuch) {
    const auto types = choose_types(probed("crypto_LUKS", "crypto"), {});
    ASSERT_FALSE(types);
    EXPECT_THAT(types.error().message(), HasSubstr("/dev/vda2 is no file system but crypto_LUKS"));
}

TEST(MountTypes, AnEmptyDeviceIsNamed) {
    const auto types = choose_types(probed("", ""), {});
    ASSERT_FALSE(types);
    EXPECT_THAT(types.error().message(), HasSubstr("no known file system on /dev/vda2"));
    EXPECT_THAT(types.error().message(), HasSubstr("superblock is damaged"));
    EXPECT_THAT(types.error().message(), HasSubstr("fsck.ext4 -b 32768 /dev/vda2"));
}

TEST(MountTypes, ModulesOfOldNames) {
    EXPECT_EQ(module_of_type("ext3"), "ext4");
    EXPECT_EQ(module_of_type("iso9660"), "isofs");
    EXPECT_EQ(module_of_type("xfs"), "xfs");
}

TEST(MountTypes, ADriverOfTheNextTypeMayDo) {
    EXPECT_EQ(substitute_type("ext2"), "ext4");
    EXPECT_EQ(substitute_type("ext3"), "ext4");
    EXPECT_EQ(substitute_type("ext4"), "");
    EXPECT_EQ(substitute_type("xfs"), "");
}

TEST(MountFlags, WhatPluginsFoundOutComesLast) {
    EXPECT_EQ(choose_flags("noatime,ro", "degraded", "btrfs").words, "noatime,degraded,ro");
    EXPECT_EQ(choose_flags("rw", "ro", "ext4").words, "ro");
    EXPECT_EQ(choose_flags("", "degraded,x=\"a,b\"", "btrfs").words, "degraded,x=\"a,b\"");
    EXPECT_EQ(choose_flags("noatime,rw", "", "ext4").words, "noatime,rw");
    EXPECT_EQ(choose_flags("noatime,rw", "", "ext4").notice, "");
}

TEST(MountFlags, WhatCannotBeWrittenIsMountedReadOnly) {
    for (const char *type : {"squashfs", "erofs", "iso9660"}) {
        const MountFlags flags = choose_flags("nodev,rw", "", type);
        EXPECT_EQ(flags.words, "nodev,ro") << type;
        EXPECT_THAT(flags.notice, HasSubstr(type));
    }
    EXPECT_EQ(choose_flags("ro", "", "squashfs").words, "ro");
    EXPECT_EQ(choose_flags("ro", "", "squashfs").notice, "");
}

TEST(MountFailure, SaysWhatToDo) {
    EXPECT_THAT(explained(EUCLEAN, "ext4"), HasSubstr("run fsck.ext4 -y /dev/vda2"));
    EXPECT_THAT(explained(ENODEV, "ext3"), HasSubstr("module ext4"));
    EXPECT_THAT(explained(EINVAL, "ext4", "ro", "", "bad option\x1b"), HasSubstr("(bad option?)"));
    EXPECT_THAT(explained(EBUSY, "ext4"), HasSubstr("in use"));
}

TEST(MountFailure, ADamagedFileSystemIsRepairedByItsOwnProgram) {
    EXPECT_THAT(explained(EUCLEAN, "xfs"), HasSubstr("run xfs_repair /dev/vda2"));
    EXPECT_THAT(explained(EUCLEAN, "btrfs"), HasSubstr("run btrfs check /dev/vda2"));
    EXPECT_THAT(explained(EUCLEAN, "f2fs"), HasSubstr("run fsck.f2fs -y /dev/vda2"));
    EXPECT_THAT(explained(EUCLEAN, "squashfs"), HasSubstr("write the squashfs image"));
}

TEST(MountFailure, AWrongTypeNamesTheRightOne) {
    EXPECT_THAT(
        explained(EINVAL, "xfs", "ro", "ext4"),
        HasSubstr("mounting /dev/vda2 as xfs failed: Invalid argument; there is ext4 on it: "
                  "correct rootfstype="));
    EXPECT_THAT(explained(EINVAL, "ext4", "ro", "ext4"), HasSubstr("check rootfstype= and "
                                                                   "rootflags="));
}

TEST(MountFailure, AMissingSubvolumeIsNoMissingDevice) {
    EXPECT_THAT(explained(ENOENT, "btrfs", "subvol=@roof,ro"),
                HasSubstr("no such subvolume: check subvol= in subvol=@roof,ro"));
    EXPECT_THAT(explained(ENOENT, "btrfs", "ro"), HasSubstr("the device has gone"));
}

TEST(OtherContent, NamesDeviceAndBothUuids) {
    EXPECT_THAT(explain_other_content(kExt4, "5678\n"),
                HasSubstr("/dev/vda2 held ext4 with UUID=1234 when it was chosen, and holds the "
                          "file system UUID=5678? now"));
    EXPECT_THAT(explain_other_content(kExt4, ""), HasSubstr("holds no ext4 any more"));
}

} // namespace
} // namespace slipway::fs
