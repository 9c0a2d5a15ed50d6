// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/network_root.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fs/root_options.h"
#include "fs/root_units.h"

namespace slipway::fs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RootSource root_source(const std::string &root, const std::string &netroot,
                       const std::vector<std::string> &types) {
    return fs::root_source(
        {.root = root, .netroot = netroot, .nfsroot = {}, .boot = {}, .types = types});
}

TEST(NetworkRoot, EverySpellingOfAnNfsRootIsLeftToOthers) {
    for (const char *root :
         {"nfs:192.168.50.1:/nfs/client", "nfs:/nfs/client", "nfs4:192.168.50.1:/client",
          "nfs:[fd00::1]:/srv", "/dev/nfs", "192.168.50.1:/nfs/client", "server:/a,vers=4",
          "[fd00::1]:/srv", "server.example:/a:rsize=4096"})
        EXPECT_EQ(root_source(root, "", {}), RootSource::network_file_system) << root;
    EXPECT_EQ(root_source("server:dir", "", {"nfs4"}), RootSource::network_file_system);
    EXPECT_EQ(root_source("/dev/root", "nfs:server:/a", {}), RootSource::network_file_system);
}

TEST(NetworkRoot, TheWordsOfInitramfsToolsStandForANfsRoot) {
    EXPECT_EQ(fs::root_source({{}, {}, "/srv", {}, {}}), RootSource::network_file_system);
    EXPECT_EQ(fs::root_source({{}, {}, {}, "nfs", {}}), RootSource::network_file_system);
    EXPECT_EQ(fs::root_source({"/dev/vda2", {}, "/srv", "nfs", {}}), RootSource::device);
    EXPECT_EQ(fs::root_source({"UUID=1", {}, {}, "UUID=2", {}}), RootSource::device);
}

TEST(NetworkRoot, ALeaseDecides) {
    EXPECT_EQ(root_source("dhcp", "", {}), RootSource::lease);
    EXPECT_EQ(root_source("dhcp6", "", {}), RootSource::lease);
    EXPECT_EQ(root_source("/dev/root", "dhcp", {}), RootSource::lease);
    EXPECT_EQ(root_source("", "dhcp", {}), RootSource::lease);
}

TEST(NetworkRoot, ADiskOfTheNetwork) {
    EXPECT_EQ(root_source("iscsi:192.168.50.1::::iqn.2009-06.x:t", "", {}),
              RootSource::network_disk);
    EXPECT_EQ(root_source("/dev/root", "iscsi:192.168.50.1::::iqn.2009-06.x:t", {}),
              RootSource::network_disk);
    EXPECT_EQ(root_source("", "iscsi", {}), RootSource::network_disk);
}

TEST(NetworkRoot, ADeviceStaysADeviceWhateverTheNetworkBrings) {
    for (const char *root :
         {"UUID=1234", "LABEL=a:/b", "PARTUUID=a", "/dev/vda2", "/dev/nfs0/root", "8:1", "0801",
          "gpt-auto", "/dev/disk/by-path/ip-1.2.3.4:3260-iscsi-iqn.2009-06.x:/t-lun-1"})
        EXPECT_EQ(root_source(root, "iscsi:192.168.50.1::::iqn.2009-06.x:t", {}),
                  RootSource::device)
            << root;
    EXPECT_EQ(root_source("https://server/image", "", {}), RootSource::device);
    EXPECT_EQ(root_source("cifs://server/a", "", {}), RootSource::device);
}

std::string units_of(const OptionList &options) {
    const auto root = parse_root_options(options);
    EXPECT_TRUE(root) << root.error().message();
    return root ? write_root_units(*root) : "";
}

TEST(NetworkRoot, ANetworkFileSystemIsAnAlternativeThatAnotherPluginDefines) {
    const std::string units = units_of({{"root", "nfs:server:/a"}, {"rw", ""}});
    EXPECT_THAT(units, HasSubstr("any_of = [\"sysroot-nfs\"]"));
    EXPECT_THAT(units, Not(HasSubstr("fsck")));
    EXPECT_THAT(units, HasSubstr("\"sysroot-fstab\""));
}

TEST(NetworkRoot, ForALeaseBothAreWantedAtOnce) {
    const std::string units = units_of({{"root", "/dev/root"}, {"netroot", "dhcp"}});
    EXPECT_THAT(units, HasSubstr("any_of = [\"sysroot-nfs\", \"sysroot-disk\"]"));
    EXPECT_THAT(units, HasSubstr("race = true"));
    EXPECT_THAT(units, HasSubstr("device = \"/dev/root\""));
}

TEST(NetworkRoot, TheDiskOfATargetIsCheckedAndMountedAsAnyDisk) {
    const std::string units = units_of({{"root", "iscsi:1.2.3.4::::iqn.2009-06.x:t"}});
    EXPECT_THAT(units, HasSubstr("any_of = [\"sysroot-disk\"]"));
    EXPECT_THAT(units, HasSubstr("fsck-sysroot-disk"));
}

TEST(NetworkRoot, SeveralTargetsAndARootByLabel) {
    const std::string units = units_of(
        {{"root", "LABEL=sysroot"}, {"netroot", "iscsi:a::::iqn.x:1\niscsi:b::::iqn.x:2"}});
    EXPECT_THAT(units, HasSubstr("device = \"LABEL=sysroot\""));
    EXPECT_THAT(units, Not(HasSubstr("any_of")));
}

TEST(NetworkRoot, AShareOfTheHostIsLeftToOthers) {
    EXPECT_EQ(root_source("virtiofs:rootfs", "", {}), RootSource::share);
    EXPECT_EQ(root_source("virtfs:/rootfs", "", {}), RootSource::share);
    EXPECT_EQ(root_source("rootfs", "", {"virtiofs"}), RootSource::share);
    EXPECT_EQ(root_source("/dev/root", "", {"9p", "ext4"}), RootSource::share);
    EXPECT_EQ(root_source("/dev/vda2", "", {"ext4", "9p"}), RootSource::device);
    const std::string units = units_of({{"root", "virtiofs:root\"fs"}, {"rw", ""}});
    EXPECT_THAT(units, HasSubstr("any_of = [\"sysroot-virtfs\"]"));
    EXPECT_THAT(units, HasSubstr("hint = \"root=virtiofs:root\\\"fs is a folder"));
    EXPECT_THAT(units, Not(HasSubstr("fsck")));
    EXPECT_THAT(units, HasSubstr("\"sysroot-fstab\""));
}

TEST(NetworkRoot, TheDirectoryUsrOfANetworkRootNeedsNoMount) {
    const std::string units = units_of({{"root", "nfs:server:/a"}, {"mount.usrflags", "ro"}});
    EXPECT_THAT(units, Not(HasSubstr("sysroot/usr")));
}

} // namespace
} // namespace slipway::fs
