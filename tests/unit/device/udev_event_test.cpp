// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/udev_event.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

const std::string kPath = "/sys/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda2";

UdevProperties partition() {
    return {{"ACTION", "add"},
            {"DEVPATH", "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda2"},
            {"SUBSYSTEM", "block"},
            {"DEVNAME", "/dev/vda2"},
            {"DEVTYPE", "partition"},
            {"MAJOR", "254"},
            {"MINOR", "2"},
            {"SEQNUM", "1234"},
            {"USEC_INITIALIZED", "1"},
            {"PARTN", "2"},
            {"ID_FS_TYPE", "ext4"},
            {"ID_FS_USAGE", "filesystem"},
            {"ID_FS_UUID", "aaaa"},
            {"ID_FS_UUID_ENC", "a\\x2fa-b"},
            {"ID_FS_LABEL", "my_root"},
            {"ID_FS_LABEL_ENC", "my\\x20root"},
            {"ID_PART_ENTRY_UUID", "1111-2222"},
            {"ID_PART_ENTRY_NAME", "the\\x20root"},
            {"ID_PART_ENTRY_NUMBER", "2"},
            {"ID_SERIAL_SHORT", "S1"},
            {"ID_MODEL_ENC", "Disk\\x20One\\x20\\x20"},
            {"DEVLINKS", "/dev/disk/by-uuid/x /dev/disk/by-label/my\\x20root"}};
}

void set(UdevProperties &properties, const std::string &key, const std::string &value) {
    std::erase_if(properties, [&key](const auto &entry) { return entry.first == key; });
    properties.emplace_back(key, value);
}

UdevProperties with(const std::string &key, const std::string &value) {
    UdevProperties properties = partition();
    set(properties, key, value);
    return properties;
}

DeviceFacts facts_of(const UdevProperties &properties) {
    const auto event = uevent_of_udev(kPath, properties);
    EXPECT_TRUE(event) << event.error().message();
    return event ? event->facts : DeviceFacts();
}

std::string error_of(std::string_view path, const UdevProperties &properties) {
    const auto event = uevent_of_udev(path, properties);
    return event ? std::string() : event.error().message();
}

TEST(UdevEvent, HasTheFactsOfTheKernel) {
    const auto event = uevent_of_udev(kPath, partition());
    ASSERT_TRUE(event) << event.error().message();
    EXPECT_EQ(event->action, Uevent::Action::add);
    EXPECT_EQ(event->syspath, kPath);
    EXPECT_EQ(event->sequence, 1234U);
    for (const auto &[key, value] : DeviceFacts{{"action", "add"},
                                                {"subsystem", "block"},
                                                {"devnode", "/dev/vda2"},
                                                {"devtype", "partition"},
                                                {"major", "254"},
                                                {"minor", "2"},
                                                {"partn", "2"},
                                                {"seqnum", "1234"},
                                                {"uevent.USEC_INITIALIZED", "1"}})
        EXPECT_THAT(event->facts, Contains(Pair(key, value)));
}

TEST(UdevEvent, HasTheFactsThatAnInspectionWouldFindOut) {
    const DeviceFacts facts = facts_of(partition());
    for (const auto &[key, value] :
         DeviceFacts{{"initialized", "1"},
                     {"ready", "1"},
                     {"fs_type", "ext4"},
                     {"fs_usage", "filesystem"},
                     {"fs_uuid", "a/a-b"},
                     {"fs_label", "my root"},
                     {"part_uuid", "1111-2222"},
                     {"part_label", "the root"},
                     {"part_number", "2"},
                     {"serial", "S1"},
                     {"model", "Disk One"},
                     {"link_priority", "0"},
                     {"disk", "/sys/devices/pci0000:00/0000:00:03.0/virtio0/block/vda"},
                     {"links", "/dev/disk/by-uuid/x\n/dev/disk/by-label/my\\x20root\n"
                               "/dev/block/254:2"}})
        EXPECT_THAT(facts, Contains(Pair(key, value)));
    EXPECT_THAT(facts, Not(Contains(Key("pt_type"))));
}

TEST(UdevEvent, WhatTheRulesCallNotReadyHasNoContent) {
    const DeviceFacts facts = facts_of(with("SYSTEMD_READY", "0"));
    EXPECT_EQ(facts.at("ready"), "0");
    EXPECT_THAT(facts, Not(Contains(Key("fs_uuid"))));
    EXPECT_THAT(facts, Not(Contains(Key("links"))));
    EXPECT_EQ(facts_of(with("SYSTEMD_READY", "1")).at("ready"), "1");
}

TEST(UdevEvent, APrivateLayerHasLinksAndNoContent) {
    UdevProperties hidden = with("DM_UDEV_DISABLE_OTHER_RULES_FLAG", "1");
    set(hidden, "DM_UDEV_DISABLE_DISK_RULES_FLAG", "1");
    set(hidden, "DM_UDEV_PRIMARY_SOURCE_FLAG", "1");
    const DeviceFacts facts = facts_of(hidden);
    EXPECT_EQ(facts.at("private"), "1");
    EXPECT_EQ(facts.at("ready"), "1");
    EXPECT_THAT(facts, Not(Contains(Key("fs_type"))));
    EXPECT_THAT(facts.at("links"), HasSubstr("/dev/disk/by-uuid/x"));
    EXPECT_EQ(facts_of(with("DM_UDEV_DISABLE_DISK_RULES_FLAG", "1")).at("private"), "1");
    EXPECT_THAT(facts_of(with("DM_UDEV_DISABLE_OTHER_RULES_FLAG", "0")),
                Not(Contains(Key("private"))));
}

TEST(UdevEvent, ASuspendedOrForeignMappingIsNotReady) {
    UdevProperties suspended = with("DM_UDEV_DISABLE_OTHER_RULES_FLAG", "1");
    set(suspended, "DM_UDEV_PRIMARY_SOURCE_FLAG", "1");
    UdevProperties foreign = with("DM_UDEV_DISABLE_OTHER_RULES_FLAG", "1");
    set(foreign, "DM_UDEV_DISABLE_DISK_RULES_FLAG", "1");
    for (const UdevProperties &properties : {suspended, foreign}) {
        const DeviceFacts facts = facts_of(properties);
        EXPECT_EQ(facts.at("ready"), "0");
        EXPECT_THAT(facts, Not(Contains(Key("private"))));
        EXPECT_THAT(facts, Not(Contains(Key("links"))));
    }
}

TEST(UdevEvent, WhatAPartitionHasFromItsDiskIsKnown) {
    UdevProperties properties = with("ID_PART_TABLE_TYPE", "gpt");
    set(properties, "ID_PART_GPT_AUTO_ROOT_UUID", "1111-2222");
    EXPECT_THAT(facts_of(properties), Not(Contains(Key("pt_type"))));
    EXPECT_EQ(facts_of(properties).at("preference"), "1");
    set(properties, "DEVTYPE", "disk");
    EXPECT_EQ(facts_of(properties).at("pt_type"), "gpt");
    EXPECT_THAT(facts_of(properties), Not(Contains(Key("preference"))));
}

TEST(UdevEvent, OneThatTellsNothingToGoByIsPassing) {
    EXPECT_FALSE(is_passing(partition()));
    EXPECT_FALSE(is_passing(with("DISK_RO", "1")));
    UdevProperties mapping = with("DEVNAME", "/dev/dm-0");
    EXPECT_FALSE(is_passing(mapping));
    set(mapping, "DISK_RO", "0");
    EXPECT_TRUE(is_passing(mapping));
    UdevProperties interface = {{"ACTION", "add"}, {"ID_RENAMING", "1"}};
    EXPECT_TRUE(is_passing(interface));
    set(interface, "ACTION", "remove");
    EXPECT_FALSE(is_passing(interface));
    EXPECT_FALSE(is_passing({}));
}

TEST(UdevEvent, LinkPrioritiesAreThoseOfTheRules) {
    EXPECT_EQ(facts_of(with("DM_UDEV_LOW_PRIORITY_FLAG", "1")).at("link_priority"), "-100");
    EXPECT_EQ(facts_of(with("DEVNAME", "/dev/md127")).at("link_priority"), "100");
}

TEST(UdevEvent, OtherDevicesAreReadyWhenTheirPluginSaysSo) {
    UdevProperties net = {{"ACTION", "add"},
                          {"SUBSYSTEM", "net"},
                          {"SEQNUM", "1"},
                          {"INTERFACE", "enp1s0"},
                          {"IFINDEX", "2"}};
    const DeviceFacts facts = facts_of(net);
    EXPECT_THAT(facts, Not(Contains(Key("ready"))));
    EXPECT_EQ(facts.at("uevent.INTERFACE"), "enp1s0");
    set(net, "SYSTEMD_READY", "0");
    EXPECT_EQ(facts_of(net).at("ready"), "0");
}

TEST(UdevEvent, RequestsForServicesAreAList) {
    EXPECT_EQ(facts_of(with("SYSTEMD_WANTS", "a.service  b@x.timer ")).at("systemd_wants"),
              "a.service\nb@x.timer");
    EXPECT_THAT(facts_of(with("SYSTEMD_WANTS", " ")), Not(Contains(Key("systemd_wants"))));
}

TEST(UdevEvent, LinksThatLeaveDevAreDropped) {
    const DeviceFacts facts =
        facts_of(with("DEVLINKS", "/dev/../etc/passwd /etc/x /dev/ok relative /dev/"));
    EXPECT_EQ(facts.at("links"), "/dev/ok\n/dev/block/254:2");
}

TEST(UdevEvent, HostileTextsAreRefused) {
    EXPECT_THAT(error_of("/sys/../etc", partition()), HasSubstr("bad path"));
    EXPECT_THAT(error_of("/devices/x", partition()), HasSubstr("bad path"));
    EXPECT_THAT(error_of("", partition()), HasSubstr("bad path"));
    EXPECT_THAT(error_of(kPath, with("DEVNAME", "/dev/../etc/shadow")), HasSubstr("bad DEVNAME"));
    EXPECT_THAT(error_of(kPath, with("DEVNAME", "vda2")), HasSubstr("bad DEVNAME"));
    EXPECT_THAT(error_of(kPath, with("ACTION", "explode")), HasSubstr("no ACTION"));
    EXPECT_THAT(error_of(kPath, with("SUBSYSTEM", "")), HasSubstr("no SUBSYSTEM"));
    EXPECT_THAT(error_of(kPath, with("MAJOR", "-1")), HasSubstr("device number"));
    EXPECT_THAT(error_of(kPath, with("MINOR", "99999999999")), HasSubstr("device number"));
    EXPECT_THAT(error_of(kPath, with("SEQNUM", "x")), HasSubstr("SEQNUM"));
    EXPECT_THAT(error_of(kPath, with("", "x")), HasSubstr("without name"));
    UdevProperties many = partition();
    for (int i = 0; i < 300; ++i)
        many.emplace_back("KEY" + std::to_string(i), "x");
    EXPECT_THAT(error_of(kPath, many), HasSubstr("more than 256"));
}

// A rule cannot make a property that looks like a fact of slipway's own.
TEST(UdevEvent, PropertiesDoNotForgeFacts) {
    UdevProperties properties = with("fs_uuid", "forged");
    set(properties, "ready", "0");
    const DeviceFacts facts = facts_of(properties);
    EXPECT_EQ(facts.at("fs_uuid"), "a/a-b");
    EXPECT_EQ(facts.at("ready"), "1");
}

TEST(UdevText, IsDecoded) {
    EXPECT_EQ(decode_udev_text("my\\x20root\\x2f"), "my root/");
    EXPECT_EQ(decode_udev_text("\\xc3\\xa9"), "\xc3\xa9");
    EXPECT_EQ(decode_udev_text(""), "");
}

TEST(UdevText, WhatIsNoSequenceStays) {
    for (const char *text : {"\\", "\\x", "\\x2", "\\xzz", "\\x2g", "\\x00", "a\\y20", "\\x-1"})
        EXPECT_EQ(decode_udev_text(text), text);
}

} // namespace
} // namespace slipway
