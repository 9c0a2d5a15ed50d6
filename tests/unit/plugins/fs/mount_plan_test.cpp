// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/mount_plan.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace slipway::fs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ProbedDevice kExt4 = {"/dev/vda2", "ext4", "filesystem", false};

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
    const auto types = choose_types({"/dev/vda2", "", "", true}, {});
    ASSERT_FALSE(types);
    EXPECT_THAT(types.error().message(), HasSubstr("wipefs"));
    EXPECT_TRUE(choose_types({"/dev/vda2", "", "", true}, {"ext4"}));
}

TEST(MountTypes, AContainerIsNamedAsSuch) {
    const auto types = choose_types({"/dev/vda2", "crypto_LUKS", "crypto", false}, {});
    ASSERT_FALSE(types);
    EXPECT_THAT(types.error().message(), HasSubstr("/dev/vda2 is no file system but crypto_LUKS"));
}

TEST(MountTypes, AnEmptyDeviceIsNamed) {
    const auto types = choose_types({"/dev/vda2", "", "", false}, {});
    ASSERT_FALSE(types);
    EXPECT_THAT(types.error().message(), HasSubstr("no known file system on /dev/vda2"));
}

TEST(MountTypes, ModulesOfOldNames) {
    EXPECT_EQ(module_of_type("ext3"), "ext4");
    EXPECT_EQ(module_of_type("iso9660"), "isofs");
    EXPECT_EQ(module_of_type("xfs"), "xfs");
}

TEST(MountFailure, SaysWhatToDo) {
    EXPECT_THAT(explain_mount_failure(EUCLEAN, "ext4", "/dev/vda2", ""),
                HasSubstr("run fsck.ext4 -y /dev/vda2"));
    EXPECT_THAT(explain_mount_failure(ENODEV, "ext3", "/dev/vda2", ""), HasSubstr("module ext4"));
    EXPECT_THAT(explain_mount_failure(EINVAL, "ext4", "/dev/vda2", "bad option\x1b"),
                HasSubstr("(bad option?)"));
}

} // namespace
} // namespace slipway::fs
