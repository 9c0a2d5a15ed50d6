// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_options.h"

#include <gmock/gmock.h>

#include "fs/mount_options.h"

namespace slipway::fs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RootOptions parsed(const OptionList &options) {
    auto result = parse_root_options(options);
    EXPECT_TRUE(result) << (result ? "" : result.error().message());
    return result ? *result : RootOptions();
}

TEST(RootDevice, AcceptsEverySpellingOfTheCommandLineReference) {
    EXPECT_EQ(parse_root_device("UUID=5a1e-X"), "UUID=5a1e-X");
    EXPECT_EQ(parse_root_device("LABEL=a b\"c"), "LABEL=a b\"c");
    EXPECT_EQ(parse_root_device("PARTUUID=1234abcd-02"), "PARTUUID=1234abcd-02");
    EXPECT_EQ(parse_root_device("PARTUUID=1234/PARTNROFF=1"), "PARTUUID=1234/PARTNROFF=1");
    EXPECT_EQ(parse_root_device("PARTLABEL=Linux root"), "PARTLABEL=Linux root");
    EXPECT_EQ(parse_root_device("/dev/mapper/vg0-root"), "/dev/mapper/vg0-root");
}

TEST(RootDevice, KeepsBlanksInsideALabel) {
    EXPECT_EQ(parse_root_device("LABEL=  rdinit=/bin/sh"), "LABEL=  rdinit=/bin/sh");
}

TEST(RootDevice, RemovesOnePairOfQuotes) {
    EXPECT_EQ(parse_root_device("\"UUID=abc\""), "UUID=abc");
    EXPECT_EQ(parse_root_device("UUID=\"abc\""), "UUID=abc");
    EXPECT_EQ(parse_root_device("'/dev/vda1'"), "/dev/vda1");
}

TEST(RootDevice, NoQuotesAreLeftAroundAValue) {
    EXPECT_EQ(parse_root_device("LABEL=\"\"x\"\""), "LABEL=x");
    EXPECT_FALSE(parse_root_device("LABEL=\"\"\"\""));
}

TEST(RootDevice, DecodesTheKernelsDeviceNumbers) {
    EXPECT_EQ(parse_root_device("8:1"), "/dev/block/8:1");
    EXPECT_EQ(parse_root_device("0801"), "/dev/block/8:1");
    EXPECT_EQ(parse_root_device("fd00"), "/dev/block/253:0");
    // new_decode_dev(): the upper bits of the minor number stand above the major number.
    EXPECT_EQ(parse_root_device("10fe01"), "/dev/block/254:257");
}

TEST(RootDevice, RefusesNumbersOutOfRange) {
    EXPECT_FALSE(parse_root_device("4096:1"));
    EXPECT_FALSE(parse_root_device("8:1048576"));
    EXPECT_FALSE(parse_root_device("8:"));
    EXPECT_FALSE(parse_root_device("123456789"));
    EXPECT_FALSE(parse_root_device("0"));
}

TEST(RootDevice, SaysThatNetworkRootsAreNotSupportedYet) {
    for (const char *word : {"nfs:server:/path", "dhcp", "live:/dev/sr0", "gpt-auto", "/dev/nfs"}) {
        const auto result = parse_root_device(word);
        ASSERT_FALSE(result) << word;
        EXPECT_THAT(result.error().message(), HasSubstr("not supported yet"));
        EXPECT_THAT(result.error().message(), HasSubstr(word));
        EXPECT_THAT(result.error().message(), HasSubstr("UUID="));
    }
}

TEST(RootDevice, NamesTheWordAndTheFormsWhenUnknown) {
    const auto result = parse_root_device("sda1?\x1b[2J");
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("root=sda1?"));
    EXPECT_THAT(result.error().message(), HasSubstr("PARTLABEL="));
    EXPECT_EQ(result.error().message().find('\x1b'), std::string::npos);
}

TEST(RootDevice, AsksForAValueWhenThereIsNone) {
    EXPECT_THAT(parse_root_options({}).error().message(), HasSubstr("has no root="));
    EXPECT_THAT(parse_root_options({{"root", ""}}).error().message(), HasSubstr("has no root="));
    EXPECT_THAT(parse_root_device("UUID=").error().message(), HasSubstr("no value"));
}

TEST(RootOptions, MountsReadOnlyByDefault) {
    EXPECT_EQ(parsed({{"root", "/dev/vda2"}}).flags, "ro");
}

TEST(RootOptions, TheLastOfRoAndRwWins) {
    EXPECT_EQ(parsed({{"root", "/dev/vda2"}, {"ro", ""}, {"rw", ""}}).flags, "rw");
    EXPECT_EQ(parsed({{"root", "/dev/vda2"}, {"rw", ""}, {"ro", ""}}).flags, "ro");
}

TEST(RootOptions, ModeInsideRootflagsCountsOnlyWithoutTheWord) {
    EXPECT_EQ(parsed({{"root", "/dev/vda2"}, {"rootflags", "rw,noatime"}}).flags, "noatime,rw");
    EXPECT_EQ(parsed({{"root", "/dev/vda2"}, {"ro", ""}, {"rootflags", "rw"}}).flags, "ro");
}

TEST(RootOptions, TakesTheDeviceTimeoutOutOfRootflags) {
    const RootOptions root =
        parsed({{"root", "/dev/vda2"},
                {"rootflags", "defaults,subvol=@root,x-systemd.device-timeout=5min"}});
    EXPECT_EQ(root.device_timeout, "5min");
    EXPECT_EQ(root.flags, "defaults,subvol=@root,ro");
}

TEST(RootOptions, AnInfiniteDeviceTimeoutMeansNoLimit) {
    EXPECT_EQ(parsed({{"root", "/dev/vda2"}, {"rootflags", "x-systemd.device-timeout=infinity"}})
                  .device_timeout,
              "0");
}

TEST(RootOptions, WarnsAboutADeviceTimeoutThatIsNoTime) {
    const RootOptions root =
        parsed({{"root", "/dev/vda2"}, {"rootflags", "x-systemd.device-timeout=soon"}});
    EXPECT_FALSE(root.device_timeout);
    EXPECT_THAT(root.warnings, ElementsAre(HasSubstr("soon")));
}

TEST(RootOptions, RemovesTmpfsFromTheTypes) {
    EXPECT_THAT(parsed({{"root", "/dev/vda2"}, {"rootfstype", "tmpfs,ext4,xfs"}}).types,
                ElementsAre("ext4", "xfs"));
    EXPECT_THAT(parsed({{"root", "/dev/vda2"}, {"rootfstype", "auto"}}).types, IsEmpty());
}

TEST(RootOptions, RefusesTypesThatAreNoNames) {
    const RootOptions root = parsed({{"root", "/dev/vda2"}, {"rootfstype", "../../bin/sh,ext4"}});
    EXPECT_THAT(root.types, ElementsAre("ext4"));
    EXPECT_THAT(root.warnings, ElementsAre(HasSubstr("rootfstype")));
}

TEST(RootOptions, OldAndNewNamesOfTheCheckPolicyAreOneSetting) {
    const OptionList base = {{"root", "/dev/vda2"}};
    const auto check = [&](const std::string &key, const std::string &value) {
        OptionList options = base;
        options.emplace_back(key, value);
        return parsed(options);
    };
    EXPECT_EQ(check("fastboot", "").check, CheckMode::skip);
    EXPECT_EQ(check("rd.skipfsck", "").check, CheckMode::skip);
    EXPECT_EQ(check("rd.skipfsck", "0").check, CheckMode::automatic);
    EXPECT_EQ(check("fsck.mode", "skip").check, CheckMode::skip);
    EXPECT_EQ(check("forcefsck", "").check, CheckMode::force);
    EXPECT_EQ(check("fsckfix", "").repair, Repair::yes);
    EXPECT_EQ(check("fsck.repair", "no").repair, Repair::no);
    EXPECT_THAT(check("fsck.mode", "maybe").warnings, ElementsAre(HasSubstr("auto, force, skip")));
}

TEST(MountOptions, ACommaBetweenQuotesDoesNotSplit) {
    EXPECT_THAT(split_mount_options("noatime,context=\"a:s0:c1,c2\",,ro"),
                ElementsAre("noatime", "context=\"a:s0:c1,c2\"", "ro"));
}

} // namespace
} // namespace slipway::fs
