// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/block_facts.h"

#include <gmock/gmock.h>

namespace slipway::coldplug {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const std::string kIds(64, 'a');

BlockFindings partition() {
    BlockFindings findings;
    findings.device.syspath = "/sys/devices/x/block/vda/vda2";
    findings.device.name = "vda2";
    findings.device.disk_syspath = "/sys/devices/x/block/vda";
    findings.device.partition = 2;
    findings.device.size_bytes = 1024;
    findings.device_number = "254:2";
    findings.probe.fs_type = "ext4";
    findings.probe.fs_usage = "filesystem";
    return findings;
}

BlockFindings mapping(const std::string &name, const std::string &uuid) {
    BlockFindings findings = partition();
    findings.device = {};
    findings.device.syspath = findings.device.disk_syspath = "/sys/devices/virtual/block/dm-0";
    findings.device.name = "dm-0";
    findings.device.dm_name = name;
    findings.device.dm_uuid = uuid;
    findings.device_number = "253:0";
    findings.probe.fs_uuid = "1234";
    return findings;
}

// Links below `directory`, without it.
std::vector<std::string> below(const std::string &directory, const BlockFindings &findings) {
    std::vector<std::string> names;
    for (const std::string &link : links_of(findings)) {
        if (link.starts_with("/dev/" + directory + "/"))
            names.push_back(link.substr(directory.size() + 6));
    }
    return names;
}

TEST(Links, OfAPartitionAreThoseOfUdevsRules) {
    BlockFindings findings = partition();
    findings.device.diskseq = "9";
    findings.hardware.names = {"virtio-disk0"};
    findings.path_ids = {"pci-0000:00:04.0"};
    findings.probe.fs_uuid = "1234-ABCD";
    findings.probe.fs_label = "my root";
    findings.probe.part_scheme = "gpt";
    findings.probe.part_uuid = "aa-bb";
    findings.probe.part_label = "Linux root (x86)";
    EXPECT_THAT(links_of(findings),
                UnorderedElementsAre("/dev/block/254:2", "/dev/disk/by-id/virtio-disk0-part2",
                                     "/dev/disk/by-path/pci-0000:00:04.0-part2",
                                     "/dev/disk/by-path/virtio-pci-0000:00:04.0-part2",
                                     "/dev/disk/by-diskseq/9-part2", "/dev/disk/by-uuid/1234-ABCD",
                                     "/dev/disk/by-label/my\\x20root",
                                     "/dev/disk/by-partuuid/aa-bb",
                                     "/dev/disk/by-partlabel/Linux\\x20root\\x20\\x28x86\\x29"));
}

TEST(Links, OfAWholeDiskHaveNoSuffix) {
    BlockFindings findings = partition();
    findings.device.name = "sda";
    findings.device.partition.reset();
    findings.hardware.names = {"ata-x"};
    findings.path_ids = {"pci-0000:00:1f.2-ata-1.0", "pci-0000:00:1f.2-ata-1"};
    EXPECT_THAT(below("disk/by-id", findings), ElementsAre("ata-x"));
    EXPECT_THAT(below("disk/by-path", findings),
                ElementsAre("pci-0000:00:1f.2-ata-1.0", "pci-0000:00:1f.2-ata-1"));
}

TEST(Links, PartitionLabelsOfMbrDisksAreNone) {
    BlockFindings findings = partition();
    findings.probe.part_scheme = "dos";
    findings.probe.part_uuid = "0001-02";
    findings.probe.part_label = "x";
    EXPECT_THAT(below("disk/by-partlabel", findings), IsEmpty());
    EXPECT_THAT(below("disk/by-partuuid", findings), ElementsAre("0001-02"));
}

TEST(Links, ARaidMembersUuidIsTheArraysAndMakesNoLink) {
    BlockFindings findings = partition();
    findings.probe.fs_type = "linux_raid_member";
    findings.probe.fs_usage = "raid";
    findings.probe.fs_uuid = "1234";
    findings.probe.fs_label = "host:0";
    EXPECT_THAT(below("disk/by-uuid", findings), IsEmpty());
    EXPECT_THAT(below("disk/by-label", findings), IsEmpty());
}

TEST(Links, APhysicalVolumeIsKnownByItsIdOnly) {
    BlockFindings findings = partition();
    findings.probe.fs_type = "LVM2_member";
    findings.probe.fs_usage = "raid";
    findings.probe.fs_uuid = "pv-1";
    EXPECT_THAT(below("disk/by-uuid", findings), IsEmpty());
    EXPECT_THAT(below("disk/by-id", findings), ElementsAre("lvm-pv-uuid-pv-1"));
}

TEST(Links, AnEncryptedVolumeHasALinkByUuid) {
    BlockFindings findings = partition();
    findings.probe.fs_usage = "crypto";
    findings.probe.fs_uuid = "1234";
    EXPECT_THAT(below("disk/by-uuid", findings), ElementsAre("1234"));
}

TEST(Links, HostileLabelsMakeAtMostOneNameInTheirDirectory) {
    BlockFindings findings = partition();
    findings.probe.part_scheme = "gpt";
    for (const char *label : {"..", ".", ""}) {
        findings.probe.fs_label = findings.probe.part_label = findings.probe.fs_uuid = label;
        findings.probe.part_uuid = label;
        EXPECT_THAT(links_of(findings), ElementsAre("/dev/block/254:2")) << label;
    }
    findings.probe = {};
    findings.probe.fs_usage = "filesystem";
    findings.probe.fs_label = "../../sda";
    EXPECT_THAT(below("disk/by-label", findings), ElementsAre("..\\x2f..\\x2fsda"));
    findings.probe.fs_label = "x\n/dev/sda\x01";
    EXPECT_THAT(below("disk/by-label", findings), ElementsAre("x\\x0a\\x2fdev\\x2fsda\\x01"));
}

TEST(Links, ANameThatNoFileCanHaveIsLeftOut) {
    BlockFindings findings = partition();
    findings.probe.fs_label = std::string(255, 'l');
    EXPECT_THAT(below("disk/by-label", findings), ElementsAre(std::string(255, 'l')));
    findings.probe.fs_label = std::string(300, 'l');
    EXPECT_THAT(below("disk/by-label", findings), IsEmpty());
    findings.probe.fs_label = std::string(64, '\x01'); // four characters each
    EXPECT_THAT(below("disk/by-label", findings), IsEmpty());
}

TEST(Links, APartitionThatSpansTheDiskHasOnlyItsNumber) {
    BlockFindings findings = partition();
    findings.device.spans_disk = true;
    findings.probe.fs_uuid = "1234";
    findings.hardware.names = {"virtio-x"};
    EXPECT_THAT(links_of(findings), ElementsAre("/dev/block/254:2"));
}

TEST(Links, OfAVolumeAreThoseOfLvmsAndDevmappersRules) {
    BlockFindings findings = mapping("vg--0-home--data", "LVM-" + kIds);
    findings.device.diskseq = "12";
    EXPECT_THAT(links_of(findings),
                UnorderedElementsAre(
                    "/dev/block/253:0", "/dev/mapper/vg--0-home--data", "/dev/vg-0/home-data",
                    "/dev/disk/by-diskseq/12", "/dev/disk/by-id/dm-name-vg--0-home--data",
                    "/dev/disk/by-id/dm-uuid-LVM-" + kIds, "/dev/disk/by-uuid/1234"));
}

TEST(Links, OfAPrivateLayerAreItsOwnNameOnly) {
    for (const char *suffix : {"-real", "-cow"}) {
        EXPECT_THAT(links_of(mapping("vg0-root-real", "LVM-" + kIds + suffix)),
                    UnorderedElementsAre("/dev/block/253:0", "/dev/mapper/vg0-root-real"));
    }
    BlockFindings by_cookie = mapping("vg0-root", "LVM-" + kIds);
    by_cookie.dm_cookie = std::to_string(0x0004U << 16U);
    EXPECT_THAT(links_of(by_cookie),
                UnorderedElementsAre("/dev/block/253:0", "/dev/mapper/vg0-root"));
}

TEST(Links, OfMappingsWithHostileNamesStayBelowTheirDirectory) {
    EXPECT_THAT(below("mapper", mapping("..", "")), IsEmpty());
    EXPECT_THAT(below("mapper", mapping("a\n/dev/disk/by-uuid/1", "")),
                ElementsAre("a__dev_disk_by-uuid_1"));
    for (const std::string &link : links_of(mapping("..-sda", "LVM-" + kIds)))
        EXPECT_THAT(link, Not(HasSubstr("/../")));
    for (const std::string &link : links_of(mapping("vg0-..", "LVM-" + kIds)))
        EXPECT_FALSE(link.ends_with("/..")) << link;
}

TEST(Links, KeepTheEscapesInAMappingsName) {
    EXPECT_THAT(below("mapper", mapping("my\\x20disk", "")), ElementsAre("my\\x20disk"));
    EXPECT_THAT(below("disk/by-id", mapping("my\\x20disk", "")),
                ElementsAre("dm-name-my\\x20disk"));
}

// A partition with the type of a root, on the disk that was booted from.
BlockFindings auto_root() {
    BlockFindings findings = partition();
    findings.boot_partition = "esp";
    findings.probe.part_scheme = "gpt";
    findings.probe.part_uuid = "root";
    findings.probe.table = {{.number = 1, .uuid = "esp", .type = {}},
                            {.number = 2, .uuid = "root", .type = {}}};
    findings.probe.table[1].type = root_type();
    return findings;
}

TEST(Links, TheRootOfTheBootDiskIsFoundByItsType) {
    if (root_type().empty())
        GTEST_SKIP() << "no type is known for roots of this architecture";
    BlockFindings findings = auto_root();
    EXPECT_THAT(links_of(findings), Contains("/dev/gpt-auto-root"));
    findings.probe.fs_type = "crypto_LUKS";
    EXPECT_THAT(links_of(findings), Contains("/dev/gpt-auto-root-luks"));
    EXPECT_THAT(links_of(findings), Not(Contains("/dev/gpt-auto-root")));
    findings = mapping("root", "CRYPT-LUKS2-1-root");
    EXPECT_THAT(links_of(findings), Contains("/dev/gpt-auto-root"));
}

TEST(Links, NothingElseIsTheRootOfTheBootDisk) {
    BlockFindings findings = auto_root();
    findings.boot_partition = "of another disk";
    EXPECT_THAT(links_of(findings), Not(Contains("/dev/gpt-auto-root")));
    findings = auto_root();
    findings.probe.table[1].flags = std::uint64_t{1} << 63U; // no-auto
    EXPECT_THAT(links_of(findings), Not(Contains("/dev/gpt-auto-root")));
    findings = auto_root();
    findings.probe.table.insert(findings.probe.table.begin() + 1,
                                {.number = 4, .uuid = "first", .type = std::string(root_type())});
    EXPECT_THAT(links_of(findings), Not(Contains("/dev/gpt-auto-root")));
    findings = auto_root();
    findings.probe.part_scheme = "dos";
    EXPECT_THAT(links_of(findings), Not(Contains("/dev/gpt-auto-root")));
    EXPECT_THAT(links_of(mapping("root", "LVM-x")), Not(Contains("/dev/gpt-auto-root")));
    EXPECT_THAT(links_of(mapping("other", "CRYPT-LUKS2-1-other")),
                Not(Contains("/dev/gpt-auto-root")));
}

TEST(BlockFacts, AreThoseThatAreKnown) {
    BlockFindings findings = partition();
    findings.probe.fs_label = "x";
    const auto facts = facts_of(findings);
    EXPECT_THAT(facts, Contains(Pair("ready", "1")));
    EXPECT_THAT(facts, Contains(Pair("fs_type", "ext4")));
    EXPECT_THAT(facts, Contains(Pair("fs_label", "x")));
    EXPECT_THAT(facts, Contains(Pair("size_bytes", "1024")));
    EXPECT_THAT(facts, Contains(Pair("read_only", "0")));
    EXPECT_THAT(facts, Contains(Pair("disk", "/sys/devices/x/block/vda")));
    EXPECT_THAT(facts, Not(Contains(Key("fs_uuid"))));
    EXPECT_THAT(facts, Not(Contains(Key("fs_ambivalent"))));
    EXPECT_THAT(facts, Not(Contains(Key("dm_name"))));
}

TEST(BlockFacts, OfAPartitionCountFromItsNeighbours) {
    BlockFindings findings = partition();
    findings.probe.table = {
        {.number = 1, .uuid = "a-01", .type = {}}, {.number = 2, .uuid = "a-02", .type = {}}, {}};
    EXPECT_THAT(facts_of(findings), Contains(Pair("part_offsets", "a-01/1\na-02/0")));
    findings.device.partition.reset();
    EXPECT_THAT(facts_of(findings), Not(Contains(Key("part_offsets"))));
}

TEST(BlockFacts, ThePreferredDiskIsThatOfTheBootPartition) {
    BlockFindings findings = partition();
    findings.probe.table = {{.number = 1, .uuid = "esp", .type = {}},
                            {.number = 2, .uuid = "root", .type = {}}};
    EXPECT_THAT(facts_of(findings), Not(Contains(Key("preference"))));
    findings.boot_partition = "another";
    EXPECT_THAT(facts_of(findings), Not(Contains(Key("preference"))));
    findings.boot_partition = "esp";
    EXPECT_THAT(facts_of(findings), Contains(Pair("preference", "1")));
}

TEST(BlockFacts, AnAmbivalentDeviceHasNoFileSystem) {
    BlockFindings findings = partition();
    findings.probe = {};
    findings.probe.is_ambivalent = true;
    EXPECT_THAT(facts_of(findings), Contains(Pair("fs_ambivalent", "1")));
    EXPECT_THAT(facts_of(findings), Not(Contains(Key("fs_type"))));
}

TEST(BlockFacts, OfAMappingLetTheHostAdoptIt) {
    const auto facts = facts_of(mapping("root", "CRYPT-LUKS2-1-root"));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_NAME", "root")));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_UUID", "CRYPT-LUKS2-1-root")));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_UDEV_PRIMARY_SOURCE_FLAG", "1")));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_UDEV_RULES_VSN", "3")));
    EXPECT_THAT(facts, Not(Contains(Key("udev.DM_UDEV_DISABLE_DISK_RULES_FLAG"))));
    EXPECT_THAT(facts, Not(Contains(Key("private"))));
}

TEST(BlockFacts, OfAPrivateLayerHideItsContent) {
    const auto facts = facts_of(mapping("vg0-root-real", "LVM-" + kIds + "-real"));
    EXPECT_THAT(facts, Contains(Pair("private", "1")));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_UDEV_DISABLE_DISK_RULES_FLAG", "1")));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG", "1")));
    EXPECT_THAT(facts, Contains(Pair("udev.DM_COOKIE_DISABLE_OTHER_RULES_FLAG", "1")));
    EXPECT_THAT(facts, Not(Contains(Key("fs_type"))));
    EXPECT_THAT(facts, Not(Contains(Key("fs_uuid"))));
}

TEST(BlockFacts, LinkPrioritiesAreUdevs) {
    BlockFindings findings = partition();
    EXPECT_EQ(facts_of(findings)["link_priority"], "0");
    findings.device.name = "md0";
    EXPECT_EQ(facts_of(findings)["link_priority"], "100");
    findings = mapping("vg0-snap", "LVM-" + kIds);
    findings.dm_cookie = std::to_string(0x0010U << 16U);
    EXPECT_EQ(facts_of(findings)["link_priority"], "-100");
    EXPECT_EQ(facts_of(findings)["udev.DM_UDEV_LOW_PRIORITY_FLAG"], "1");
    findings.dm_cookie.clear();
    EXPECT_EQ(facts_of(findings)["link_priority"], "0");
    findings.device.is_snapshot = true;
    EXPECT_EQ(facts_of(findings)["link_priority"], "-100");
}

} // namespace
} // namespace slipway::coldplug
