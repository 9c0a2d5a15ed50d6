// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/hardware_id.h"

#include <gmock/gmock.h>

#include <format>

#include "unit/plugins/coldplug/fake_sysfs.h"
#include "unit/plugins/coldplug/vpd_page.h"

namespace slipway::coldplug {
namespace {

using namespace std::string_literals;
using test::descriptor;
using test::FakeSysfs;
using test::vpd_page;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kPci = "/sys/devices/pci0000:00/0000:00:04.0";
const std::string kUnit = kPci + "/host2/target2:0:1/2:0:1:3";
const std::string kNaa5 = "\x50\x00\xc5\x00\xa1\xb2\xc3\xd4"s;

class ScsiHardwareId : public ::testing::Test {
protected:
    ScsiHardwareId() { unit(kUnit, "SEAGATE", "ST1000 DM010"); }
    void unit(const std::string &path, const std::string &vendor, const std::string &model) {
        at = path;
        sysfs.device(at, "scsi");
        sysfs.file(at + "/vendor", vendor + "   \n");
        sysfs.file(at + "/model", model + "  \n");
        sysfs.file(at + "/type", "0\n");
    }
    void page(const std::string &descriptors) {
        sysfs.file(at + "/vpd_pg83", vpd_page(descriptors));
    }
    [[nodiscard]] HardwareId id() const { return read_hardware_id(sysfs, at + "/block/sda"); }

    FakeSysfs sysfs;
    std::string at;
};

TEST(HardwareId, OfAVirtioDiskIsItsSerial) {
    FakeSysfs sysfs;
    EXPECT_THAT(read_hardware_id(sysfs, kPci + "/virtio1/block/vda").names, IsEmpty());
    sysfs.file(kPci + "/virtio1/block/vda/serial", "disk 0\n");
    const HardwareId id = read_hardware_id(sysfs, kPci + "/virtio1/block/vda");
    EXPECT_EQ(id.serial, "disk_0");
    EXPECT_THAT(id.names, ElementsAre("virtio-disk_0"));
}

TEST(HardwareId, OfAHostileSerialStaysOneName) {
    FakeSysfs sysfs;
    sysfs.file("/sys/devices/x/block/vda/serial", "../../sda\n\x1b[2J");
    EXPECT_THAT(read_hardware_id(sysfs, "/sys/devices/x/block/vda").names,
                ElementsAre("virtio-.._.._sda___2J"));
}

TEST(HardwareId, OfAnNvmeDiskHasThreeNames) {
    FakeSysfs sysfs;
    const std::string controller = kPci + "/nvme/nvme0";
    sysfs.file(controller + "/serial", "S1  \n");
    sysfs.file(controller + "/model", "QEMU NVMe Ctrl   \n");
    sysfs.file(controller + "/nvme0n1/wwid", "eui.0025385b21404321\n");
    sysfs.file(controller + "/nvme0n1/nsid", "1\n");
    EXPECT_THAT(read_hardware_id(sysfs, controller + "/nvme0n1").names,
                ElementsAre("nvme-eui.0025385b21404321", "nvme-QEMU_NVMe_Ctrl_S1",
                            "nvme-QEMU_NVMe_Ctrl_S1_1"));
    sysfs.file(controller + "/nvme0n2/nsid", "2\n");
    EXPECT_THAT(read_hardware_id(sysfs, controller + "/nvme0n2").names,
                ElementsAre("nvme-QEMU_NVMe_Ctrl_S1_2"));
}

TEST(HardwareId, OfAFlashCardNeedsNameAndSerial) {
    FakeSysfs sysfs;
    const std::string card = "/sys/devices/platform/mmc/mmc_host/mmc0/mmc0:0001";
    sysfs.file(card + "/name", "SD32G\n");
    EXPECT_THAT(read_hardware_id(sysfs, card + "/block/mmcblk0").names, IsEmpty());
    sysfs.file(card + "/serial", "0x12345678\n");
    EXPECT_THAT(read_hardware_id(sysfs, card + "/block/mmcblk0").names,
                ElementsAre("mmc-SD32G_0x12345678"));
}

TEST(HardwareId, OfOtherDevicesIsNotKnown) {
    FakeSysfs sysfs;
    sysfs.file("/sys/devices/virtual/block/loop0/serial", "x");
    EXPECT_THAT(read_hardware_id(sysfs, "/sys/devices/virtual/block/loop0").names, IsEmpty());
    EXPECT_THAT(read_hardware_id(sysfs, "").names, IsEmpty());
}

TEST_F(ScsiHardwareId, IsTheNaaDesignator) {
    page(descriptor(3, 1, kNaa5));
    const HardwareId found = id();
    EXPECT_EQ(found.model, "ST1000_DM010");
    EXPECT_EQ(found.wwn, "0x5000c500a1b2c3d4");
    EXPECT_THAT(found.names, ElementsAre("scsi-35000c500a1b2c3d4", "wwn-0x5000c500a1b2c3d4"));
}

TEST_F(ScsiHardwareId, PrefersTheExtendedNaaDesignatorWhereverItStands) {
    page(descriptor(3, 1, kNaa5) + descriptor(2, 1, "\x01\x02"s) +
         descriptor(3, 1, "\x60\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"s));
    EXPECT_THAT(id().names, ElementsAre("scsi-3600102030405060708090a0b0c0d0e0f",
                                        "wwn-0x600102030405060708090a0b0c0d0e0f"));
}

TEST_F(ScsiHardwareId, ADesignatorMayEndInAByteThatLooksLikeABlank) {
    for (const char last : {'\x20', '\x0a', '\x09'}) {
        page(descriptor(3, 1, kNaa5.substr(0, 7) + last));
        EXPECT_THAT(id().wwn, StartsWith("0x5000c500a1b2c3"));
    }
}

TEST_F(ScsiHardwareId, FallsBackToTheEui64Designator) {
    page(descriptor(2, 1, "\x00\x25\x38\x5b"s));
    EXPECT_THAT(id().names, ElementsAre("scsi-20025385b"));
}

TEST_F(ScsiHardwareId, PutsVendorAndModelBeforeAVendorsDesignator) {
    unit(kUnit, "QEMU", "QEMU HARDDISK");
    page(descriptor(0, 2, "drive0"));
    EXPECT_THAT(id().names, ElementsAre("scsi-0QEMU_QEMU_HARDDISK_drive0"));
}

TEST_F(ScsiHardwareId, MakesNoNameOfAT10Designator) {
    page(descriptor(1, 2, "SEAGATE whatever") + descriptor(0, 2, "drive0"));
    EXPECT_THAT(id().names, IsEmpty());
}

TEST_F(ScsiHardwareId, OfAnAtaDiskIsModelAndSerialOfTheT10Designator) {
    unit(kUnit, "ATA", "QEMU HARDDISK");
    const std::string t10 =
        "ATA     " + std::format("{:<40}", "QEMU HARDDISK") + std::format("{:<20}", "QM00001");
    page(descriptor(0, 2, "QM00001             ") + descriptor(1, 2, t10) +
         descriptor(3, 1, kNaa5));
    const HardwareId found = id();
    EXPECT_EQ(found.model, "QEMU_HARDDISK");
    EXPECT_EQ(found.serial, "QM00001");
    EXPECT_THAT(found.names, ElementsAre("ata-QEMU_HARDDISK_QM00001", "wwn-0x5000c500a1b2c3d4"));
}

TEST_F(ScsiHardwareId, ATruncatedT10DesignatorMakesNoName) {
    unit(kUnit, "ATA", "QEMU HARDDISK");
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{48}}) {
        page(descriptor(1, 2, std::format("{:<48}", "ATA     QEMU HARDDISK").substr(0, size)));
        EXPECT_THAT(id().names, IsEmpty()) << size;
    }
}

TEST_F(ScsiHardwareId, ADamagedPageLeavesTheModel) {
    const std::string whole = vpd_page(descriptor(3, 1, kNaa5));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        sysfs.file(at + "/vpd_pg83", whole.substr(0, size));
        EXPECT_THAT(id().names, IsEmpty()) << size;
        EXPECT_EQ(id().model, "ST1000_DM010");
    }
    page(descriptor(3, 1, ""));
    EXPECT_THAT(id().names, IsEmpty());
}

TEST_F(ScsiHardwareId, OfAnOpticalDriveIsNotGuessed) {
    page(descriptor(3, 1, kNaa5));
    sysfs.file(at + "/type", "5\n");
    EXPECT_THAT(read_hardware_id(sysfs, at + "/block/sr0").names, IsEmpty());
}

TEST_F(ScsiHardwareId, OfAUsbDiskHasTheSerialOfTheUsbDevice) {
    const std::string usb = kPci + "/usb1/1-2";
    sysfs.device(usb, "usb");
    sysfs.file(usb + "/idVendor", "0951\n");
    sysfs.file(usb + "/serial", "0019E06B\n");
    unit(usb + "/1-2:1.0/host3/target3:0:0/3:0:0:1", "Kingston", "DataTraveler 3.0");
    EXPECT_THAT(id().names, ElementsAre("usb-Kingston_DataTraveler_3.0_0019E06B-0:1"));
    for (const char *serial : {"", "a,b", "a\x01", "\xff\xff"}) {
        sysfs.file(usb + "/serial", serial);
        EXPECT_THAT(id().names, ElementsAre("usb-Kingston_DataTraveler_3.0-0:1")) << serial;
    }
}

TEST_F(ScsiHardwareId, OfAUsbDiskWithoutVendorIsNotGuessed) {
    const std::string usb = kPci + "/usb1/1-2";
    sysfs.device(usb, "usb");
    sysfs.file(usb + "/idVendor", "0951\n");
    unit(usb + "/1-2:1.0/host3/target3:0:0/3:0:0:1", "", "Stick");
    EXPECT_THAT(id().names, IsEmpty());
}

} // namespace
} // namespace slipway::coldplug
