// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/path_id.h"

#include <gmock/gmock.h>

#include "unit/plugins/coldplug/fake_sysfs.h"

namespace slipway::coldplug {
namespace {

using test::FakeSysfs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kPci = "/sys/devices/pci0000:00/0000:00:04.0";

class PathId : public ::testing::Test {
protected:
    PathId() { sysfs.device(kPci, "pci"); }
    // A SCSI disk at `host`, which is a directory like ".../host2".
    std::string scsi_disk(const std::string &host, const std::string &address) {
        const std::string target = host + "/target" + address.substr(0, address.rfind(':'));
        const std::string unit = target + "/" + address;
        sysfs.device(host, "scsi");
        sysfs.device(target, "scsi");
        sysfs.device(unit, "scsi");
        sysfs.device(unit + "/block/sda", "block");
        return unit + "/block/sda";
    }
    std::string ata_disk(const std::string &address) {
        sysfs.file(kPci + "/ata3/ata_port/ata3/port_no", "1\n");
        return scsi_disk(kPci + "/ata3/host2", address);
    }
    std::vector<std::string> ids(const std::string &disk) { return path_ids(sysfs, disk); }

    FakeSysfs sysfs;
};

TEST_F(PathId, OfAVirtioDiskIsItsPciAddress) {
    sysfs.device(kPci + "/virtio1", "virtio");
    sysfs.device(kPci + "/virtio1/block/vda", "block");
    EXPECT_THAT(ids(kPci + "/virtio1/block/vda"), ElementsAre("pci-0000:00:04.0"));
}

TEST_F(PathId, TakesThePciDeviceNextToTheDisk) {
    const std::string behind_bridge = kPci + "/0000:01:00.0";
    sysfs.device(behind_bridge, "pci");
    sysfs.device(behind_bridge + "/virtio1", "virtio");
    EXPECT_THAT(ids(behind_bridge + "/virtio1/block/vda"), ElementsAre("pci-0000:01:00.0"));
}

TEST_F(PathId, OfAnNvmeNamespaceHasItsNumber) {
    sysfs.device(kPci + "/nvme/nvme0", "nvme");
    sysfs.device(kPci + "/nvme/nvme0/nvme0n1", "block");
    sysfs.file(kPci + "/nvme/nvme0/nvme0n1/nsid", "1\n");
    EXPECT_THAT(ids(kPci + "/nvme/nvme0/nvme0n1"), ElementsAre("pci-0000:00:04.0-nvme-1"));
}

TEST_F(PathId, OfAnNvmeNamespaceWithoutNumberIsNotKnown) {
    sysfs.device(kPci + "/nvme/nvme0", "nvme");
    sysfs.device(kPci + "/nvme/nvme0/nvme0n1", "block");
    EXPECT_THAT(ids(kPci + "/nvme/nvme0/nvme0n1"), IsEmpty());
}

TEST_F(PathId, OfAnAtaDiskHasTheOldSpellingToo) {
    EXPECT_THAT(ids(ata_disk("2:0:0:0")),
                ElementsAre("pci-0000:00:04.0-ata-1.0", "pci-0000:00:04.0-ata-1"));
}

TEST_F(PathId, TellsTheTwoDisksOfAnAtaCableApart) {
    EXPECT_THAT(ids(ata_disk("2:0:1:0")),
                ElementsAre("pci-0000:00:04.0-ata-1.1", "pci-0000:00:04.0-ata-1"));
}

TEST_F(PathId, OfAnAtaDiskBehindAPortMultiplierHasItsBus) {
    EXPECT_THAT(ids(ata_disk("2:3:0:0")),
                ElementsAre("pci-0000:00:04.0-ata-1.3.0", "pci-0000:00:04.0-ata-1"));
}

TEST_F(PathId, OfAnAtaDiskWithoutPortNumberIsNotKnown) {
    EXPECT_THAT(ids(scsi_disk(kPci + "/ata3/host2", "2:0:0:0")), IsEmpty());
}

TEST_F(PathId, CountsScsiHostsFromTheLowestOfTheController) {
    const std::string disk = scsi_disk(kPci + "/host7", "7:0:1:5");
    sysfs.device(kPci + "/host6", "scsi");
    EXPECT_THAT(ids(disk), ElementsAre("pci-0000:00:04.0-scsi-1:0:1:5"));
}

TEST_F(PathId, OfAUsbDiskHasPortAndScsiAddress) {
    const std::string hub = kPci + "/usb2";
    sysfs.device(hub, "usb");
    sysfs.device(hub + "/2-1", "usb");
    sysfs.device(hub + "/2-1/2-1:1.0", "usb");
    EXPECT_THAT(ids(scsi_disk(hub + "/2-1/2-1:1.0/host3", "3:0:0:0")),
                ElementsAre("pci-0000:00:04.0-usb-0:1:1.0-scsi-0:0:0:0"));
}

TEST_F(PathId, OfAPlatformDeviceIsItsName) {
    const std::string mmc = "/sys/devices/platform/fe330000.mmc";
    sysfs.device(mmc, "platform");
    sysfs.device(mmc + "/mmc_host/mmc0", "mmc_host");
    sysfs.device(mmc + "/mmc_host/mmc0/mmc0:0001", "mmc");
    EXPECT_THAT(ids(mmc + "/mmc_host/mmc0/mmc0:0001/block/mmcblk0"),
                ElementsAre("platform-fe330000.mmc"));
}

TEST_F(PathId, NeedsATransportThatTellsDisksApart) {
    sysfs.device(kPci + "/mmc_host/mmc0", "mmc_host");
    sysfs.device(kPci + "/mmc_host/mmc0/mmc0:0001", "mmc");
    EXPECT_THAT(ids(kPci + "/mmc_host/mmc0/mmc0:0001/block/mmcblk0"), IsEmpty());
}

TEST_F(PathId, OfAVirtualDeviceDoesNotExist) {
    sysfs.device("/sys/devices/virtual/block/dm-0", "block");
    EXPECT_THAT(ids("/sys/devices/virtual/block/dm-0"), IsEmpty());
    EXPECT_THAT(ids(""), IsEmpty());
    EXPECT_THAT(ids("/"), IsEmpty());
}

TEST_F(PathId, BehindATransportWithNamesOfItsOwnIsNotGuessed) {
    EXPECT_THAT(ids(scsi_disk(kPci + "/host2/rport-2:0-1", "2:0:0:0")), IsEmpty());
    EXPECT_THAT(ids(scsi_disk(kPci + "/host2/port-2:0/end_device-2:0", "2:0:0:0")), IsEmpty());
    const std::string firewire = scsi_disk(kPci + "/fw0/host4", "4:0:0:0");
    sysfs.file(kPci + "/fw0/host4/target4:0:0/4:0:0:0/ieee1394_id", "1:2:3");
    EXPECT_THAT(ids(firewire), IsEmpty());
}

// As the kernel lays it out for a session of iscsi_tcp: the session and its connection have no
// subsystem, what is known of them stands below.
class PathIdOfIscsi : public PathId {
protected:
    PathIdOfIscsi() {
        sysfs.file(kSession + "/iscsi_session/session1/targetname",
                   "iqn.2009-06.example:target0\n");
        sysfs.file(kConnection + "persistent_address", "192.168.50.1\n");
        sysfs.file(kConnection + "persistent_port", "3260\n");
    }
    static inline const std::string kSession = "/sys/devices/platform/host3/session1";
    static inline const std::string kConnection =
        kSession + "/connection1:0/iscsi_connection/connection1:0/";
};

TEST_F(PathIdOfIscsi, IsPortalTargetAndLun) {
    EXPECT_THAT(ids(scsi_disk(kSession, "3:0:0:1")),
                ElementsAre("ip-192.168.50.1:3260-iscsi-iqn.2009-06.example:target0-lun-1"));
}

TEST_F(PathIdOfIscsi, WritesALargeLunInTwoLevels) {
    EXPECT_THAT(ids(scsi_disk(kSession, "3:0:0:16640")),
                ElementsAre("ip-192.168.50.1:3260-iscsi-iqn.2009-06.example:target0-lun-"
                            "0x4100000000000000"));
}

TEST_F(PathIdOfIscsi, IsNotGuessedWithoutPortal) {
    sysfs.file(kConnection + "persistent_address", "");
    EXPECT_THAT(ids(scsi_disk(kSession, "3:0:0:1")), IsEmpty());
}

TEST_F(PathId, BehindABusThatUdevNamesAndWeDoNotIsNotGuessed) {
    const std::string bus = "/sys/devices/platform/soc";
    sysfs.device(bus, "platform");
    sysfs.device(bus + "/1c0f000.mmc", "amba");
    EXPECT_THAT(ids(bus + "/1c0f000.mmc/mmc_host/mmc0/block/mmcblk0"), IsEmpty());
}

TEST_F(PathId, IsNotLookedForWithoutEnd) {
    std::string path = "/sys/devices/platform/board";
    sysfs.device(path, "platform");
    EXPECT_THAT(ids(path + "/deep"), ElementsAre("platform-board"));
    for (int i = 0; i < 100; ++i) {
        path += "/deep";
        sysfs.device(path, "odd");
    }
    EXPECT_THAT(ids(path), IsEmpty());
}

} // namespace
} // namespace slipway::coldplug
