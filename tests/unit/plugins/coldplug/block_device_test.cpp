// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/block_device.h"

#include <gmock/gmock.h>

#include "unit/plugins/coldplug/fake_sysfs.h"

namespace slipway::coldplug {
namespace {

using test::FakeSysfs;

const std::string kDisk = "/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda";

class BlockDevices : public ::testing::Test {
protected:
    // A device of 1 MiB, so that nothing but its name and its attributes decide.
    BlockDevice device(const std::string &name) {
        const std::string path = "/sys/devices/virtual/block/" + name;
        sysfs.file(path + "/size", "2048\n");
        return read_block_device(sysfs, path);
    }
    Readiness readiness(const std::string &name) { return readiness_of(device(name)); }
    void dm(const std::string &attribute, const std::string &value) {
        sysfs.file("/sys/devices/virtual/block/dm-0/dm/" + attribute, value + "\n");
    }

    FakeSysfs sysfs;
};

TEST_F(BlockDevices, ADiskIsItsOwnDisk) {
    sysfs.file(kDisk + "/size", "4096\n");
    sysfs.file(kDisk + "/ro", "1\n");
    sysfs.file(kDisk + "/diskseq", "7\n");
    const BlockDevice disk = read_block_device(sysfs, kDisk);
    EXPECT_EQ(disk.name, "vda");
    EXPECT_EQ(disk.disk_syspath, kDisk);
    EXPECT_EQ(disk.partition, std::nullopt);
    EXPECT_EQ(disk.size_bytes, 4096U * 512U);
    EXPECT_TRUE(disk.is_read_only);
    EXPECT_EQ(disk.diskseq, "7");
    EXPECT_FALSE(disk.is_dm());
}

TEST_F(BlockDevices, APartitionKnowsItsDisk) {
    sysfs.file(kDisk + "/diskseq", "7\n");
    sysfs.file(kDisk + "/vda3/partition", "3\n");
    const BlockDevice part = read_block_device(sysfs, kDisk + "/vda3");
    EXPECT_EQ(part.partition, 3U);
    EXPECT_EQ(part.disk_name(), "vda");
    EXPECT_EQ(part.diskseq, "7");
    EXPECT_FALSE(part.spans_disk);
    sysfs.file(kDisk + "/vda3/whole_disk", "");
    EXPECT_TRUE(read_block_device(sysfs, kDisk + "/vda3").spans_disk);
}

TEST_F(BlockDevices, AnImpossibleSizeIsNoOverflowAndNoNumberIsNoSize) {
    sysfs.file(kDisk + "/size", "18446744073709551615\n");
    EXPECT_EQ(read_block_device(sysfs, kDisk).size_bytes, UINT64_MAX / 512 * 512);
    for (const char *size : {"", "-1", "2048x", "99999999999999999999999"}) {
        sysfs.file(kDisk + "/size", size);
        EXPECT_EQ(read_block_device(sysfs, kDisk).size_bytes, 0U) << size;
    }
}

TEST_F(BlockDevices, WithoutContentAreNotReady) {
    EXPECT_EQ(readiness("vdb"), Readiness::ready);
    sysfs.file(kDisk + "/size", "0\n");
    EXPECT_EQ(readiness_of(read_block_device(sysfs, kDisk)), Readiness::not_ready);
    EXPECT_EQ(readiness("loop0"), Readiness::not_ready);
    sysfs.file("/sys/devices/virtual/block/loop0/loop/backing_file", "/x\n");
    EXPECT_EQ(readiness("loop0"), Readiness::ready);
}

TEST_F(BlockDevices, ASuspendedMappingIsNotReady) {
    dm("name", "vg0-root");
    dm("uuid", "LVM-x");
    dm("suspended", "0");
    EXPECT_EQ(readiness("dm-0"), Readiness::ready);
    EXPECT_EQ(device("dm-0").dm_name, "vg0-root");
    dm("suspended", "1");
    EXPECT_EQ(readiness("dm-0"), Readiness::not_ready);
}

TEST_F(BlockDevices, ASnapshotStandsOnItsOriginAndItsDifferences) {
    const std::string slaves = "/sys/devices/virtual/block/dm-0/slaves";
    dm("name", "vg0-snap");
    dm("uuid", "LVM-x");
    sysfs.file(slaves + "/dm-1/dm/uuid", "LVM-y-real\n");
    EXPECT_FALSE(device("dm-0").is_snapshot) << "the origin";
    sysfs.file(slaves + "/dm-2/dm/uuid", "CRYPT-x-cow\n");
    sysfs.file(slaves + "/vda1/partition", "1\n");
    EXPECT_FALSE(device("dm-0").is_snapshot);
    sysfs.file(slaves + "/dm-3/dm/uuid", "LVM-z-cow\n");
    EXPECT_TRUE(device("dm-0").is_snapshot);
}

TEST_F(BlockDevices, AnArrayIsReadyByItsState) {
    const std::string state = "/sys/devices/virtual/block/md127/md/array_state";
    for (const char *stopped : {"clear\n", "inactive\n"}) {
        sysfs.file(state, stopped);
        EXPECT_EQ(readiness("md127"), Readiness::not_ready) << stopped;
    }
    for (const char *running : {"readonly\n", "read-auto\n", "clean\n", "active\n"}) {
        sysfs.file(state, running);
        EXPECT_EQ(readiness("md127"), Readiness::ready) << running;
    }
}

TEST_F(BlockDevices, AMappingWithoutNameIsNotReady) {
    EXPECT_EQ(readiness("dm-0"), Readiness::not_ready);
}

TEST_F(BlockDevices, FloppiesRamDisksAndBootAreasAreNeverOpened) {
    for (const char *name : {"fd0", "ram15", "zram0", "mtdblock2", "mmcblk0boot0", "mmcblk1rpmb"})
        EXPECT_EQ(readiness(name), Readiness::ignored) << name;
    for (const char *name : {"mmcblk0", "sda", "ramdisk", "fda"})
        EXPECT_EQ(readiness(name), Readiness::ready) << name;
}

TEST_F(BlockDevices, OnlyNumberedDrivesAreOptical) {
    EXPECT_TRUE(is_optical(device("sr0")));
    EXPECT_FALSE(is_optical(device("srx")));
    EXPECT_FALSE(is_optical(device("sr")));
    EXPECT_FALSE(is_optical(device("sda")));
}

TEST(Syspaths, EndAtTheTopOfTheDeviceTree) {
    EXPECT_EQ(parent_path("/sys/devices/pci0/0000:00"), "/sys/devices/pci0");
    EXPECT_EQ(parent_path("/sys/devices/pci0"), "");
    EXPECT_EQ(parent_path("/"), "");
    EXPECT_EQ(parent_path("relative"), "");
    EXPECT_EQ(parent_path(""), "");
    EXPECT_EQ(base_name("/sys/devices/x"), "x");
    EXPECT_EQ(base_name("x"), "x");
}

} // namespace
} // namespace slipway::coldplug
