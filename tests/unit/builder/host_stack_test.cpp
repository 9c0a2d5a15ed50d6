// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/host_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Optional;
using testing::TemporaryDirectory;

Condition condition(std::string key, std::vector<std::string> patterns) {
    return {{{std::move(key), std::move(patterns)}}};
}

TEST(OfflineStack, ComesFromTheRootsFstab) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "# comment\nUUID=1 / ext4 defaults 0 1\n"
                                 "LABEL=my\\040usr /usr xfs ro 0 0\n/dev/sdb1 /home btrfs x 0 0\n");
    const HostStack stack = read_offline_stack(RootTree(directory.path()), "");
    EXPECT_FALSE(stack.is_live);
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("LABEL=my usr", "UUID=1")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4", "xfs")));
}

TEST(OfflineStack, IsOverriddenByTheCommandLineOfTheImage) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "UUID=1 / ext4 defaults 0 1\n");
    const HostStack stack =
        read_offline_stack(RootTree(directory.path()), "quiet root=/dev/vg/root rootfstype=xfs");
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("/dev/vg/root")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("xfs")));
}

TEST(OfflineStack, ARootThatFstabDoesNotTellIsNamedByTheCommandLineOfTheImage) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n");
    const RootTree root(directory.path());
    const HostStack stack = read_offline_stack(root, "rootfstype=squashfs,erofs");
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("erofs", "squashfs")));
    EXPECT_FALSE(holds_any({condition("fs_type", {"ext4"})}, stack, root));
}

TEST(OfflineStack, IsUnknownWithoutFstabSoThatEverythingIsNeeded) {
    const TemporaryDirectory directory;
    const RootTree root(directory.path());
    const HostStack stack = read_offline_stack(root, "");
    EXPECT_TRUE(holds_any({condition("fs_type", {"xfs"})}, stack, root));
    EXPECT_TRUE(holds_any({condition("fstab_root", {"/dev/mapper/*"})}, stack, root));
    EXPECT_FALSE(holds_any({condition("dm_uuid", {"LVM-*"})}, stack, root));
}

TEST(Condition, OnAFileWantsMoreThanComments) {
    const TemporaryDirectory directory;
    const RootTree root(directory.path());
    const std::vector<Condition> needed = {condition("file", {"/etc/crypttab"})};
    EXPECT_FALSE(holds_any(needed, {}, root));
    directory.write("etc/crypttab", "# nothing here\n\n");
    EXPECT_FALSE(holds_any(needed, {}, root));
    directory.write("etc/crypttab", "# one\ncryptroot UUID=1 none luks\n");
    EXPECT_TRUE(holds_any(needed, {}, root));
}

TEST(Condition, OnALineWantsOneThatMatches) {
    const TemporaryDirectory directory;
    const RootTree root(directory.path());
    const std::vector<Condition> needed = {condition("line", {"/etc/mdadm.conf: ARRAY *"})};
    EXPECT_FALSE(holds_any(needed, {}, root));
    directory.write("etc/mdadm.conf", "HOMEHOST <system>\n# ARRAY no\nARRAYS no\n");
    EXPECT_FALSE(holds_any(needed, {}, root));
    directory.write("etc/mdadm.conf", "HOMEHOST <system>\n  ARRAY\t/dev/md/root UUID=1\n");
    EXPECT_TRUE(holds_any(needed, {}, root));
}

TEST(Condition, OnALineLooksAtItsWords) {
    const TemporaryDirectory directory;
    const RootTree root(directory.path());
    const std::vector<Condition> tpm = {condition("line", {"/etc/crypttab:*tpm2-device=*"})};
    const std::vector<Condition> key = {condition("line", {"/etc/crypttab:* * /dev/*"})};
    directory.write("etc/crypttab", "# tpm2-device=auto\na  /dev/vda2\tnone\tluks\n");
    EXPECT_FALSE(holds_any(tpm, {}, root));
    EXPECT_FALSE(holds_any(key, {}, root));
    directory.write("etc/crypttab", "a /dev/vda2\t /dev/sdb luks,tpm2-device=auto\n");
    EXPECT_TRUE(holds_any(tpm, {}, root));
    EXPECT_TRUE(holds_any(key, {}, root));
    EXPECT_FALSE(holds_any({condition("line", {"/etc/crypttab"})}, {}, root)) << "no pattern";
}

TEST(Condition, HoldsOnlyIfAllItsKeysHold) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "/dev/mapper/vg-root / ext4 defaults 0 1\n");
    const RootTree root(directory.path());
    HostStack stack = read_offline_stack(root, "");
    Condition both = condition("fstab_root", {"/dev/mapper/*"});
    both.keys.emplace_back("stack", std::vector<std::string>{"unknown"});
    EXPECT_TRUE(holds_any({both}, stack, root));
    stack.is_live = true;
    EXPECT_FALSE(holds_any({both}, stack, root));
}

TEST(Condition, IsExcludedByAPatternWithAnExclamationMark) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "/dev/disk/by-uuid/1 / ext4 defaults 0 1\n");
    const RootTree root(directory.path());
    const HostStack stack = read_offline_stack(root, "");
    EXPECT_TRUE(holds_any({condition("fstab_root", {"/dev/*/*"})}, stack, root));
    EXPECT_FALSE(holds_any({condition("fstab_root", {"/dev/*/*", "!/dev/disk/*"})}, stack, root));
}

TEST(OfflineStack, HoldsWhatElseTheInitrdMounts) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "UUID=1 / ext4 defaults 0 1\nUUID=2 /etc xfs x-initrd.mount 0 0\n"
                                 "/srv /b none bind,x-initrd.mount 0 0\n"
                                 "UUID=3 /home btrfs x 0 0\n");
    const HostStack stack = read_offline_stack(RootTree(directory.path()), "");
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("UUID=1", "UUID=2")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4", "xfs")));
}

TEST(OfflineStack, TheCommandLineOfTheImageMayNameUsr) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "UUID=1 / ext4 defaults 0 1\nUUID=2 /usr xfs ro 0 0\n");
    const HostStack stack =
        read_offline_stack(RootTree(directory.path()),
                           "root=/dev/vg/root mount.usr=/dev/vg/usr mount.usrfstype=btrfs");
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("/dev/vg/root", "/dev/vg/usr")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("btrfs", "ext4")));
}

TEST(OfflineStack, ATypeThatIsNotKnownMakesAllPossible) {
    const TemporaryDirectory directory;
    directory.write("etc/fstab", "UUID=1 / ext4 defaults 0 1\nUUID=2 /usr auto ro 0 0\n");
    const RootTree root(directory.path());
    const HostStack stack = read_offline_stack(root, "");
    EXPECT_TRUE(holds_any({condition("fs_type", {"xfs"})}, stack, root));
}

// A sysfs with an ext4 on LVM on a partition of a virtio disk.
class LiveStackTest : public ::testing::Test {
protected:
    LiveStackTest() {
        const std::string disk = "devices/pci0/0000:00:04.0/virtio1/block/vda";
        sysfs_.write(disk + "/vda2/partition", "2\n");
        sysfs_.write("devices/virtual/block/dm-0/dm/uuid", "LVM-abc\n");
        sysfs_.write("devices/virtual/block/dm-0/dm/name", "vg-root\n");
        sysfs_.link("../../../../pci0/0000:00:04.0/virtio1/block/vda/vda2",
                    "devices/virtual/block/dm-0/slaves/vda2");
        sysfs_.link("../../devices/virtual/block/dm-0", "dev/block/254:0");
        sysfs_.write("module/virtio_blk/refcnt", "1");
        sysfs_.write("module/ahci/refcnt", "1");
        sysfs_.link("../../../../../module/virtio_blk", "bus/virtio/drivers/x/virtio_blk/module");
        sysfs_.link("../../../../bus/virtio/drivers/x/virtio_blk",
                    "devices/pci0/0000:00:04.0/virtio1/driver");
        root_.write("etc/fstab", "/dev/mapper/vg-root / auto defaults 0 1\n");
    }

    HostStack read(std::string_view mountinfo) const {
        return read_live_stack(RootTree(root_.path()), mountinfo, RootTree(sysfs_.path()), "");
    }

    TemporaryDirectory sysfs_;
    TemporaryDirectory root_;
};

TEST_F(LiveStackTest, ComesFromTheKernelDownToTheDrivers) {
    const HostStack stack =
        read("22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n"
             "30 22 0:25 / /tmp rw - tmpfs tmpfs rw\n");
    EXPECT_TRUE(stack.is_live);
    EXPECT_THAT(stack.devices, ElementsAre("dm-0", "vda", "vda2"));
    EXPECT_THAT(stack.dm_uuids, ElementsAre("LVM-abc"));
    EXPECT_THAT(stack.dm_names, ElementsAre("vg-root"));
    EXPECT_TRUE(holds_any({condition("dm_name", {"vg-*"})}, stack, RootTree(root_.path())));
    EXPECT_FALSE(holds_any({condition("dm_name", {"*_rimage_*"})}, stack, RootTree(root_.path())));
    EXPECT_THAT(stack.drivers, ElementsAre("virtio_blk"));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4")));
}

TEST_F(LiveStackTest, TheCommandLineOfTheImageIsCompared) {
    const HostStack stack =
        read_offline_stack(RootTree(root_.path()), "quiet netroot=iscsi:a::::iqn.x:1");
    const RootTree root(root_.path());
    EXPECT_TRUE(holds_any({condition("cmdline", {"netroot=*"})}, stack, root));
    EXPECT_FALSE(holds_any({condition("cmdline", {"root=*"})}, stack, root)) << "a whole word";
    EXPECT_FALSE(holds_any({condition("cmdline", {"*"})},
                           read_offline_stack(RootTree(root_.path()), ""), root));
}

TEST_F(LiveStackTest, KnowsWhatKeepsATextOverARestart) {
    const std::string root = "22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n";
    const std::string efi = "40 25 0:34 / /sys/firmware/efi/efivars rw,nosuid - efivarfs efivarfs ";
    EXPECT_EQ(read_offline_stack(RootTree(root_.path()), "").keeps, "unknown");
    EXPECT_EQ(read(root).keeps, "nothing");
    EXPECT_EQ(read(root + efi + "rw\n").keeps, "variables");
    const HostStack dumb = read(root + efi + "ro\n");
    EXPECT_EQ(dumb.keeps, "nothing") << "firmware that takes no variables while the system runs";
    EXPECT_TRUE(holds_any({condition("keeps", {"nothing"})}, dumb, RootTree(root_.path())));
    EXPECT_FALSE(holds_any({condition("keeps", {"variables"})}, dumb, RootTree(root_.path())));
    sysfs_.write("class/pmsg/pmsg0/dev", "250:0\n");
    EXPECT_EQ(read(root + efi + "rw\n").keeps, "memory");
}

TEST_F(LiveStackTest, IsNotLiveWhenTheRootIsOnNoBlockDevice) {
    const HostStack stack = read("22 1 0:40 / / rw - overlay overlay rw,lowerdir=/a\n");
    EXPECT_FALSE(stack.is_live);
    EXPECT_TRUE(stack.devices.empty());
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("/dev/mapper/vg-root")));
}

TEST_F(LiveStackTest, HoldsTheDevicesBelowUsrAndOtherEarlyMounts) {
    sysfs_.write("devices/virtual/block/dm-1/dm/uuid", "CRYPT-LUKS2-usr\n");
    sysfs_.link("../../devices/virtual/block/dm-1", "dev/block/254:1");
    sysfs_.write("devices/virtual/block/dm-2/dm/uuid", "LVM-etc\n");
    sysfs_.link("../../devices/virtual/block/dm-2", "dev/block/254:2");
    sysfs_.write("devices/virtual/block/dm-3/dm/uuid", "LVM-home\n");
    sysfs_.link("../../devices/virtual/block/dm-3", "dev/block/254:3");
    root_.write("etc/fstab", "/dev/mapper/vg-root / auto defaults 0 1\n"
                             "/dev/mapper/usr /usr auto ro 0 0\n"
                             "UUID=1 /etc\\040x auto x-initrd.mount 0 0\n"
                             "tmpfs /scratch tmpfs x-initrd.mount 0 0\n"
                             "UUID=2 /away f2fs x-initrd.mount,nofail 0 0\n");
    const HostStack stack = read("22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n"
                                 "23 22 254:1 / /usr rw - xfs /dev/mapper/usr rw\n"
                                 "24 22 254:2 / /etc\\040x rw - vfat /dev/dm-2 rw\n"
                                 "25 22 254:3 / /home rw - btrfs /dev/dm-3 rw\n"
                                 "26 22 0:25 / /scratch rw - tmpfs tmpfs rw\n");
    EXPECT_TRUE(stack.is_live);
    EXPECT_THAT(stack.dm_uuids, ElementsAre("CRYPT-LUKS2-usr", "LVM-abc", "LVM-etc"));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4", "f2fs", "tmpfs", "vfat", "xfs")));
}

TEST_F(LiveStackTest, HoldsAllDevicesOfAFileSystemOnSeveral) {
    sysfs_.write("devices/virtual/block/dm-1/dm/uuid", "CRYPT-LUKS2-left\n");
    sysfs_.write("devices/virtual/block/dm-2/dm/uuid", "CRYPT-LUKS2-right\n");
    sysfs_.write("devices/virtual/block/dm-3/dm/uuid", "CRYPT-LUKS2-other\n");
    sysfs_.link("../../devices/virtual/block/dm-1", "dev/block/1:3");
    sysfs_.link("../../../../devices/virtual/block/dm-1", "fs/btrfs/1/devices/dm-1");
    sysfs_.link("../../../../devices/virtual/block/dm-2", "fs/btrfs/1/devices/dm-2");
    sysfs_.link("../../../../devices/virtual/block/dm-3", "fs/btrfs/2/devices/dm-3");
    const HostStack stack = read("22 1 1:3 / / rw - btrfs /dev/dm-1 rw\n");
    EXPECT_TRUE(stack.is_live);
    EXPECT_THAT(stack.dm_uuids, ElementsAre("CRYPT-LUKS2-left", "CRYPT-LUKS2-right"));
}

// A disk of a session over TCP, as Linux shows it, and two network cards.
class NetworkDiskTest : public LiveStackTest {
protected:
    NetworkDiskTest() {
        const std::string disk = "devices/platform/host2/session1/target2:0:0/2:0:0:0";
        sysfs_.write(disk + "/modalias", "scsi:t-0x00\n");
        sysfs_.write(disk + "/block/sda/sda1/partition", "1\n");
        sysfs_.link("../../" + disk + "/block/sda/sda1", "dev/block/8:1");
        interface("enp0s3", "0000:00:03.0", "e1000e");
        interface("enp0s4", "0000:00:04.1", "igb");
        sysfs_.make_directory("devices/virtual/net/lo");
        sysfs_.link("../../devices/virtual/net/lo", "class/net/lo");
        root_.write("etc/fstab", "UUID=1 / ext4 defaults 0 1\n");
    }
    void interface(const std::string &name, const std::string &slot, const std::string &driver) {
        sysfs_.write("module/" + driver + "/refcnt", "1");
        sysfs_.link("../../../../../module/" + driver, "bus/pci/drivers/x/" + driver + "/module");
        sysfs_.link("../../../bus/pci/drivers/x/" + driver, "devices/pci0/" + slot + "/driver");
        sysfs_.make_directory("devices/pci0/" + slot + "/net/" + name);
        sysfs_.link("../../../" + slot, "devices/pci0/" + slot + "/net/" + name + "/device");
        sysfs_.link("../../devices/pci0/" + slot + "/net/" + name, "class/net/" + name);
    }
};

TEST_F(NetworkDiskTest, TheSysfsPathTellsHowADiskIsAttached) {
    const HostStack stack = read("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    const RootTree root(root_.path());
    EXPECT_TRUE(stack.is_live);
    EXPECT_TRUE(holds_any({condition("device_path", {"*/session*/target*"})}, stack, root));
    EXPECT_FALSE(holds_any({condition("device_path", {"*/virtio*"})}, stack, root));
}

TEST_F(NetworkDiskTest, AnyInterfaceMayLeadToIt) {
    const HostStack stack = read("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    EXPECT_THAT(stack.drivers, ElementsAre("e1000e", "igb"));
}

TEST_F(NetworkDiskTest, ADiskOfThisMachineNeedsNoInterface) {
    sysfs_.write("devices/pci0/0000:00:04.0/virtio1/modalias", "virtio:d00000002v00001AF4\n");
    const HostStack stack = read("22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
    EXPECT_TRUE(stack.is_live);
    EXPECT_THAT(stack.drivers, ElementsAre("virtio_blk"));
    EXPECT_FALSE(
        holds_any({condition("device_path", {"*/session*"})}, stack, RootTree(root_.path())));
}

TEST_F(LiveStackTest, WhatAServerKeepsIsKnownWithoutALineInFstab) {
    root_.write("etc/fstab", "# The root is what the command line says.\n");
    const HostStack stack = read("22 1 0:40 / / rw - nfs4 192.168.50.1:/nfs/client rw,vers=4.2\n");
    EXPECT_FALSE(stack.is_live) << "its drivers are not told by any device";
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("192.168.50.1:/nfs/client")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("nfs4")));
    EXPECT_FALSE(holds_any({condition("fs_type", {"ext4"})}, stack, RootTree(root_.path())));
}

TEST_F(LiveStackTest, WhatAServerKeepsIsTrustedMoreThanFstab) {
    root_.write("etc/fstab", "/dev/root / auto defaults 0 0\n/dev/mapper/usr /usr xfs ro 0 0\n");
    const HostStack stack = read("22 1 0:40 / / rw - virtiofs root\\040fs rw\n");
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("/dev/mapper/usr", "root fs")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("virtiofs", "xfs")));
}

TEST_F(LiveStackTest, TheCommandLineOfTheImageWinsOverAServer) {
    const HostStack stack =
        read_live_stack(RootTree(root_.path()), "22 1 0:40 / / rw - 9p rootfs rw\n",
                        RootTree(sysfs_.path()), "root=UUID=1 rootfstype=ext4");
    EXPECT_THAT(stack.root_specs, Optional(ElementsAre("UUID=1")));
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4")));
}

TEST_F(LiveStackTest, AnOverlayTellsNothingOfWhatIsBelowIt) {
    root_.write("etc/fstab", "");
    const HostStack stack = read("22 1 0:40 / / rw - overlay overlay rw,lowerdir=/a\n");
    EXPECT_FALSE(stack.fs_types);
}

TEST_F(LiveStackTest, TheRootBelowAnOverlayCountsAsTheRoot) {
    const std::string overlay = "22 1 0:40 / / rw - overlay overlay rw,lowerdir=/run/rootfsbase\n"
                                "23 22 0:20 / /run rw - tmpfs tmpfs rw\n";
    const HostStack stack =
        read(overlay + "24 23 254:0 / /run/rootfsbase ro - ext4 /dev/mapper/vg-root ro\n");
    EXPECT_TRUE(stack.is_live);
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4", "overlay")));
    EXPECT_THAT(stack.dm_names, Contains("vg-root"));
    const HostStack served =
        read(overlay + "24 23 0:41 / /run/rootfsbase ro - nfs4 192.0.2.1:/srv/root rw\n");
    EXPECT_FALSE(served.is_live);
    EXPECT_THAT(served.root_specs, Optional(ElementsAre("192.0.2.1:/srv/root")));
    EXPECT_THAT(served.fs_types, Optional(ElementsAre("nfs4", "overlay")));
}

TEST_F(LiveStackTest, IsNotLiveWhenSomethingThatTheBootNeedsIsNotMounted) {
    root_.write("etc/fstab", "/dev/mapper/vg-root / ext4 defaults 0 1\n"
                             "UUID=1 /etc xfs x-initrd.mount 0 0\n");
    const HostStack stack = read("22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
    EXPECT_FALSE(stack.is_live);
    EXPECT_THAT(stack.fs_types, Optional(ElementsAre("ext4", "xfs")));
}

} // namespace
} // namespace slipway
