// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_options.h"

#include <gmock/gmock.h>

#include "fs/mount_options.h"
#include "fs/root_units.h"

namespace slipway::fs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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
    // Our own way to write a beginning of a UUID is not for people: it matches more than one
    // device.
    EXPECT_FALSE(parse_root_device("UUID=5a*"));
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

TEST(RootDevice, SaysWhichRootsAreNotSupportedYet) {
    for (const char *word : {"nbd:server:1", "live:/dev/sr0", "cifs://server/path"}) {
        const auto result = parse_root_device(word);
        ASSERT_FALSE(result) << word;
        EXPECT_THAT(result.error().message(), HasSubstr("not supported yet"));
        EXPECT_THAT(result.error().message(), HasSubstr(word));
        EXPECT_THAT(result.error().message(), HasSubstr("UUID="));
    }
}

TEST(RootDevice, AVolumeMayHaveANameThatBeginsLikeANetworkRoot) {
    EXPECT_EQ(parse_root_device("/dev/nfs0/root"), "/dev/nfs0/root");
    EXPECT_EQ(parse_root_device("/dev/rootvg/root"), "/dev/rootvg/root");
}

TEST(RootDevice, AnyLinkAndAnyUuidIsADevice) {
    for (const char *device :
         {"/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_root", "/dev/disk/by-path/pci-0000:00:04.0",
          "/dev/disk/by-label/\\x20\\x20two", "/dev/disk/by-partlabel/Linux\\x20root",
          "/dev/disk/by-diskseq/3-part2", "/dev/block/8:1", "UUID=ABCD-1234",
          "UUID=01D5A1B2C3D4E5F6", "LABEL=dracut", "PARTUUID=1234ABCD-02",
          "PARTUUID=1234abcd-02/PARTNROFF=-1"})
        EXPECT_EQ(parse_root_device(device), device);
}

TEST(RootDevice, AnOffsetThatIsNoNumberIsRefused) {
    for (const char *device : {"PARTUUID=a/PARTNROFF=", "PARTUUID=a/PARTNROFF=x", "PARTUUID=a/b",
                               "PARTUUID=/PARTNROFF=1", "PARTUUID=a/PARTNROFF=9999"})
        EXPECT_FALSE(parse_root_device(device)) << device;
}

TEST(RootDevice, TheNameOfWhateverIsMountedIsNoDevice) {
    const auto result = parse_root_device("/dev/root");
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("of no device"));
}

TEST(RootDevice, ARootThatNobodyNamesIsFoundByItsType) {
    EXPECT_EQ(parse_root_device("gpt-auto"), "/dev/gpt-auto-root");
    const auto silent = parse_root_options({{"rw", ""}}, true);
    ASSERT_TRUE(silent);
    EXPECT_EQ(silent->device, "/dev/gpt-auto-root");
    EXPECT_TRUE(silent->is_automatic);
    EXPECT_THAT(silent->warnings, IsEmpty());
    EXPECT_THAT(write_root_units(*silent), HasSubstr("auto = \"yes\""));
    const auto named = parse_root_options({{"root", "UUID=1"}}, true);
    ASSERT_TRUE(named);
    EXPECT_FALSE(named->is_automatic);
    EXPECT_THAT(write_root_units(*named), Not(HasSubstr("auto =")));
    EXPECT_THAT(parsed({{"root", "gpt-auto"}}).warnings,
                ElementsAre(HasSubstr("LoaderDevicePartUUID")));
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
    EXPECT_EQ(root.flags, "subvol=@root,ro");
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
    EXPECT_EQ(check("fastboot", "").check.mode, CheckMode::skip);
    EXPECT_EQ(check("rd.skipfsck", "").check.mode, CheckMode::skip);
    EXPECT_EQ(check("rd.skipfsck", "0").check.mode, CheckMode::automatic);
    EXPECT_EQ(check("fsck.mode", "skip").check.mode, CheckMode::skip);
    EXPECT_EQ(check("forcefsck", "").check.mode, CheckMode::force);
    EXPECT_EQ(check("fsckfix", "").check.repair, Repair::yes);
    EXPECT_EQ(check("fsck.repair", "no").check.repair, Repair::no);
    EXPECT_THAT(check("fsck.mode", "maybe").warnings, ElementsAre(HasSubstr("auto, force, skip")));
}

TEST(RootOptions, WhatIsNotSaidAboutUsrIsAsForTheRoot) {
    const OptionList root = {{"root", "UUID=1"}, {"rootfstype", "btrfs"}, {"rootflags", "noatime"}};
    EXPECT_THAT(parsed(root).mounts, IsEmpty());
    OptionList options = root;
    options.emplace_back("mount.usrflags", "subvol=usr,rw");
    const RootOptions same_device = parsed(options);
    ASSERT_EQ(same_device.mounts.size(), 1U);
    EXPECT_EQ(same_device.mounts[0].where, "/usr");
    EXPECT_EQ(same_device.mounts[0].device, "UUID=1");
    EXPECT_EQ(same_device.mounts[0].flags, "subvol=usr,rw");
    EXPECT_THAT(same_device.mounts[0].types, ElementsAre("btrfs"));
    options = root;
    options.insert(options.end(),
                   {{"mount.usr", "/dev/vg/usr"}, {"mount.usrfstype", "ext4"}, {"rw", ""}});
    const EarlyMount other = parsed(options).mounts.at(0);
    EXPECT_EQ(other.device, "/dev/vg/usr");
    EXPECT_EQ(other.flags, "noatime,rw");
    EXPECT_THAT(other.types, ElementsAre("ext4"));
    EXPECT_TRUE(other.wants_check);
}

TEST(RootOptions, RoOfTheCommandLineIsForUsrToo) {
    EXPECT_EQ(parsed({{"root", "UUID=1"}, {"mount.usrflags", "rw"}, {"ro", ""}}).mounts.at(0).flags,
              "ro");
}

TEST(RootOptions, ABadDeviceOfUsrIsNamed) {
    const RootOptions root = parsed({{"root", "UUID=1"}, {"mount.usr", "nas:/usr"}});
    EXPECT_THAT(root.mounts, IsEmpty());
    EXPECT_THAT(root.warnings, ElementsAre(HasSubstr("mount.usr=nas:/usr")));
}

TEST(RootOptions, AllFallbacksCountInOrder) {
    const RootOptions root = parsed({{"root", "UUID=1"}, {"rootfallback", "LABEL=b\nwhat\n8:1"}});
    EXPECT_THAT(root.fallbacks, ElementsAre("LABEL=b", "/dev/block/8:1"));
    EXPECT_THAT(root.warnings, ElementsAre(HasSubstr("rootfallback=what")));
}

TEST(RootOptions, TheFstabOfTheRootCanBeSwitchedOff) {
    EXPECT_TRUE(parsed({{"root", "UUID=1"}}).reads_fstab);
    EXPECT_FALSE(parsed({{"root", "UUID=1"}, {"rd.fstab", "no"}}).reads_fstab);
}

TEST(RootOptions, AdditionalMountsAreOfTheRootOrOfTheInitrd) {
    const RootOptions root = parsed({{"root", "UUID=1"},
                                     {"systemd.mount-extra", "LABEL=a:/a\nLABEL=b:/a"},
                                     {"rd.systemd.mount-extra", "LABEL=c:/a\nx"}});
    ASSERT_EQ(root.mounts.size(), 2U);
    EXPECT_EQ(root.mounts[0].unit_name(), "sysroot/a");
    EXPECT_EQ(root.mounts[1].unit_name(), "initrd/a");
    EXPECT_THAT(root.warnings, ElementsAre(HasSubstr("LABEL=b:/a"), HasSubstr("mount-extra=x")));
}

TEST(RootOptions, BelowAnOverlayTheRootIsOnlyRead) {
    const RootOptions root = parsed({{"root", "UUID=1"}, {"rw", ""}, {"rd.overlay", "1"}});
    EXPECT_TRUE(root.overlay);
    EXPECT_EQ(root.flags, "ro");
    EXPECT_TRUE(root.is_writable) << "a separate /usr is as the words say";
    const RootOptions off = parsed({{"root", "UUID=1"}, {"rw", ""}, {"rd.overlay", "0"}});
    EXPECT_FALSE(off.overlay);
    EXPECT_EQ(off.flags, "rw");
}

TEST(RootOptions, ChangesThatCannotBeKeptWhereTheWordsSayAreNoReasonToLoseThem) {
    for (const auto &[key, value] :
         OptionList{{"rd.overlay", "LABEL=persist"}, {"rd.overlay.crypt", "UUID=2"}}) {
        const auto root = parse_root_options({{"root", "UUID=1"}, {key, value}});
        ASSERT_FALSE(root) << key;
        EXPECT_THAT(root.error().message(), HasSubstr(key + "="));
        EXPECT_THAT(root.error().message(), HasSubstr("lost at power-off"));
    }
}

TEST(RootUnits, AnOverlayTakesTheNameOfTheRoot) {
    const std::string toml = write_root_units(
        parsed({{"root", "UUID=1"}, {"rd.overlay", "tmpfs:size=1G"}, {"mount.usr", "UUID=2"}}));
    EXPECT_THAT(toml, HasSubstr("name = \"sysroot-lower\"\nkind = \"mount\""));
    EXPECT_THAT(toml, HasSubstr("name = \"sysroot\"\nkind = \"mount\"\nplugin = \"fs\"\n"
                                "description = \"Lay memory over the root file system for its "
                                "changes\"\nrequires = [\"sysroot-lower\"]\n"
                                "params = { operation = \"overlay\", limits = \"size=1G\" }\n"));
    EXPECT_THAT(toml, HasSubstr("mode = \"look\", repair = \"preen\", marker = \"fsck-root\""));
    EXPECT_THAT(toml, HasSubstr("mode = \"auto\", repair = \"preen\", marker = \"fsck-usr\""));
    EXPECT_THAT(
        write_root_units(parsed({{"root", "UUID=1"}, {"rd.overlay", ""}, {"fsck.mode", "force"}})),
        AllOf(HasSubstr("mode = \"force\""), Not(HasSubstr("mode = \"look\""))));
}

TEST(RootUnits, AnOverlayLiesOverWhateverTheRootIs) {
    const auto lower_of = [](const OptionList &words) {
        OptionList all = words;
        all.emplace_back("rd.overlay", "1");
        return write_root_units(parsed(all));
    };
    const std::string target = "name = \"sysroot-lower\"\nkind = \"target\"";
    EXPECT_THAT(lower_of({{"root", "nfs4:192.0.2.1:/x"}}),
                AllOf(HasSubstr(target), HasSubstr("any_of = [\"sysroot-nfs\"]")));
    EXPECT_THAT(lower_of({{"root", "virtiofs:x"}}),
                AllOf(HasSubstr(target), HasSubstr("any_of = [\"sysroot-virtfs\"]")));
    EXPECT_THAT(
        lower_of({{"root", "UUID=1"}, {"rootfallback", "UUID=2"}}),
        AllOf(HasSubstr(target), HasSubstr("any_of = [\"sysroot-main\", \"sysroot-fallback\"]")));
}

TEST(RootUnits, ARootAloneIsAMountAndItsFstabAGoal) {
    const std::string toml = write_root_units(parsed({{"root", "UUID=1"}}));
    EXPECT_THAT(toml, HasSubstr("name = \"sysroot\"\nkind = \"mount\""));
    EXPECT_THAT(toml, HasSubstr("name = \"sysroot-fstab\"\nkind = \"job\"\nplugin = \"fs\"\n"
                                "description = \"Read the fstab of the root\"\ngoal = true\n"
                                "requires = [\"sysroot\"]\n"));
    EXPECT_THAT(write_root_units(parsed({{"root", "UUID=1"}, {"rd.fstab", "0"}})),
                Not(HasSubstr("sysroot-fstab")));
}

TEST(RootUnits, WithAFallbackTheNameOfTheRootIsATargetWithAlternatives) {
    const std::string toml =
        write_root_units(parsed({{"root", "UUID=1"}, {"rootfallback", "UUID=2\nUUID=3"}}));
    EXPECT_THAT(toml, HasSubstr("name = \"sysroot\"\nkind = \"target\""));
    EXPECT_THAT(toml, HasSubstr("any_of = [\"sysroot-main\", \"sysroot-fallback\", "
                                "\"sysroot-fallback-2\"]"));
    EXPECT_THAT(toml, HasSubstr("name = \"fsck-sysroot-fallback\""));
    EXPECT_THAT(toml, HasSubstr("device = \"UUID=3\"\nwanted = \"never\""));
}

TEST(RootUnits, TheReaderOfFstabKnowsWhatTheCommandLineMounts) {
    const std::string toml = write_root_units(parsed({{"root", "UUID=1"},
                                                      {"mount.usr", "UUID=2"},
                                                      {"systemd.mount-extra", "UUID=3:/usr/local"},
                                                      {"rd.systemd.mount-extra", "UUID=4:/x"}}));
    EXPECT_THAT(toml, HasSubstr("taken = \"/usr\\u000A/usr/local\""));
    EXPECT_THAT(toml, HasSubstr("requires = [\"sysroot\", \"sysroot/usr\"]\n"));
}

TEST(MountOptions, ACommaBetweenQuotesDoesNotSplit) {
    EXPECT_THAT(split_mount_options("noatime,context=\"a:s0:c1,c2\",,ro"),
                ElementsAre("noatime", "context=\"a:s0:c1,c2\"", "ro"));
}

} // namespace
} // namespace slipway::fs
