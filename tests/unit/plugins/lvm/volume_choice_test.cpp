// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/volume_choice.h"

#include <gmock/gmock.h>

namespace slipway::lvm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LogicalVolume volume(std::string name, std::string path, std::vector<std::string> roles) {
    LogicalVolume made;
    made.name = std::move(name);
    made.mapper_path = std::move(path);
    made.roles = std::move(roles);
    return made;
}

LogicalVolume skipped(LogicalVolume made) {
    made.is_skipped = true;
    return made;
}

const VolumeGroup kGroup = {
    "vg-0",
    "uuid",
    1,
    {},
    {volume("root", "/dev/mapper/vg--0-root", {"public", "origin", "thickorigin"}),
     volume("home-data", "/dev/mapper/vg--0-home--data", {"public"}),
     volume("snap", "/dev/mapper/vg--0-snap", {"public", "snapshot", "thicksnapshot"}),
     skipped(volume("thin", "/dev/mapper/vg--0-thin", {"public", "snapshot", "thinsnapshot"})),
     volume("pool", "/dev/mapper/vg--0-pool", {"private"})}};

std::vector<std::string> chosen(const std::vector<std::string_view> &wanted,
                                const LvmOptions &options = {}) {
    return choose_volumes(kGroup, options, wanted).volumes;
}

TEST(VolumeChoice, APathNamesItsVolumeAndNoOther) {
    EXPECT_THAT(chosen({"/dev/mapper/vg--0-root"}), ElementsAre("root"));
    EXPECT_THAT(chosen({"/dev/vg-0/home-data"}), ElementsAre("home-data"));
    EXPECT_THAT(chosen({"/dev/vg-0/root", "/dev/mapper/vg--0-root"}), ElementsAre("root"));
}

TEST(VolumeChoice, DashesAreNotConfused) {
    // vg "vg", volume "0-root" would be /dev/mapper/vg-0--root: another group, so nothing is named.
    EXPECT_THAT(chosen({"/dev/mapper/vg-0--root"}), ElementsAre("root", "home-data"));
}

TEST(VolumeChoice, AnIdentifierMayLieInAnyVolume) {
    EXPECT_THAT(chosen({"UUID=5a1e"}), ElementsAre("root", "home-data"));
    EXPECT_THAT(chosen({"/dev/vg-0/root", "LABEL=home"}), ElementsAre("root", "home-data"));
    EXPECT_THAT(chosen({"/dev/mapper/cryptroot"}), ElementsAre("root", "home-data"));
}

TEST(VolumeChoice, HardwareIsInNoVolume) {
    EXPECT_THAT(chosen({"/dev/vg-0/root", "/dev/sdb1"}), ElementsAre("root"));
}

TEST(VolumeChoice, OptionsNameVolumes) {
    EXPECT_THAT(chosen({"UUID=5a1e"}, {true, {}, {"vg-0/home-data", "other/root"}}),
                ElementsAre("home-data"));
    EXPECT_THAT(chosen({"/dev/vg-0/root"}, {true, {"vg-0"}, {}}), ElementsAre("root", "home-data"));
}

TEST(VolumeChoice, RdAutoTakesAllUnlessVolumesAreNamed) {
    LvmOptions options;
    options.is_automatic = true;
    EXPECT_EQ(choose_volumes(kGroup, options, {"/dev/vda1"}).volumes,
              choose_volumes(kGroup, {}, {"UUID=x"}).volumes);
    options.volumes = {"vg-0/gone"};
    EXPECT_TRUE(choose_volumes(kGroup, options, {}).volumes.empty());
}

TEST(VolumeChoice, AnUnknownNameIsReported) {
    const Choice choice = choose_volumes(kGroup, {true, {}, {"vg-0/gone"}}, {});
    EXPECT_THAT(choice.volumes, IsEmpty());
    EXPECT_THAT(choice.unknown, ElementsAre("vg-0/gone"));
}

TEST(VolumeChoice, SnapshotsAndSkippedVolumesComeOnlyWhenTheyAreNamed) {
    EXPECT_THAT(chosen({"/dev/vg-0/snap"}), ElementsAre("snap"));
    EXPECT_FALSE(choose_volumes(kGroup, {}, {"/dev/vg-0/snap"}).includes_skipped);
    const Choice by_path = choose_volumes(kGroup, {}, {"/dev/vg-0/thin"});
    EXPECT_THAT(by_path.volumes, ElementsAre("thin"));
    EXPECT_TRUE(by_path.includes_skipped);
    EXPECT_TRUE(choose_volumes(kGroup, {true, {}, {"vg-0/thin"}}, {}).includes_skipped);
    EXPECT_FALSE(choose_volumes(kGroup, {true, {"vg-0"}, {}}, {}).includes_skipped);
    // One that is named beside one that may lie anywhere.
    const Choice both = choose_volumes(kGroup, {}, {"UUID=5a1e", "/dev/vg-0/thin"});
    EXPECT_THAT(both.volumes, ElementsAre("root", "home-data", "thin"));
    EXPECT_TRUE(both.includes_skipped);
}

TEST(VolumeChoice, SaysWhichPathsTheOptionsLeaveOut) {
    const Choice choice = choose_volumes(kGroup, {true, {}, {"vg-0/root"}},
                                         {"/dev/vg-0/root", "/dev/mapper/vg--0-home--data"});
    EXPECT_THAT(choice.volumes, ElementsAre("root"));
    EXPECT_THAT(choice.left_out, ElementsAre("/dev/mapper/vg--0-home--data"));
}

TEST(VolumeChoice, AGroupAndAVolumeMayBeNamedTogether) {
    EXPECT_THAT(chosen({}, {true, {"vg-0"}, {"vg-0/thin"}}),
                ElementsAre("root", "home-data", "thin"));
}

TEST(VolumeChoice, GroupsAreNarrowedByOptions) {
    EXPECT_TRUE(is_group_allowed({}, "vg0"));
    EXPECT_FALSE(is_group_allowed({false, {}, {}}, "vg0"));
    EXPECT_TRUE(is_group_allowed({true, {"vg0"}, {}}, "vg0"));
    EXPECT_FALSE(is_group_allowed({true, {"vg0"}, {}}, "vg"));
    EXPECT_TRUE(is_group_allowed({true, {}, {"vg0/root"}}, "vg0"));
    EXPECT_FALSE(is_group_allowed({true, {}, {"vg0/root"}}, "vg1"));
}

} // namespace
} // namespace slipway::lvm
