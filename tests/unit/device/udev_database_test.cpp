// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/udev_database.h"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::IsEmpty;

const std::string kEntry = "/run/udev/data/b253:0";

DeviceFacts mapping() {
    return {{"subsystem", "block"},  {"major", "253"},
            {"minor", "0"},          {"links", "/dev/mapper/root\n/dev/disk/by-uuid/x"},
            {"fs_type", "ext4"},     {"udev.DM_UDEV_RULES_VSN", "3"},
            {"udev.DM_NAME", "root"}};
}

TEST(FormatUdevEntry, HasLinksTimeSortedPropertiesAndVersion) {
    EXPECT_EQ(format_udev_entry(mapping(), Duration(1234)), "S:mapper/root\n"
                                                            "S:disk/by-uuid/x\n"
                                                            "I:1234\n"
                                                            "E:DM_NAME=root\n"
                                                            "E:DM_UDEV_RULES_VSN=3\n"
                                                            "V:1\n");
}

TEST(FormatUdevEntry, NamesAPriorityOtherThanZero) {
    const DeviceFacts facts = {{"link_priority", "-100"}, {"udev.A", "1"}};
    EXPECT_EQ(format_udev_entry(facts, Duration(1)), "L:-100\nI:1\nE:A=1\nV:1\n");
    const DeviceFacts zero = {{"link_priority", "0"}, {"udev.A", "1"}};
    EXPECT_EQ(format_udev_entry(zero, Duration(1)), "I:1\nE:A=1\nV:1\n");
}

TEST(FormatUdevEntry, LetsNothingForgeALine) {
    const DeviceFacts facts = {{"links", "/dev/../etc/passwd\n/etc/shadow"},
                               {"udev.LABEL", "x\nE:SYSTEMD_WANTS=evil.service"},
                               {"udev.A\nG:systemd", "y"},
                               {"udev.B=C", "z"}};
    EXPECT_EQ(format_udev_entry(facts, Duration(1)), "I:1\n"
                                                     "E:A?G:systemd=y\n"
                                                     "E:LABEL=x?E:SYSTEMD_WANTS=evil.service\n"
                                                     "V:1\n");
}

TEST(UdevEntryName, TellsBlockFromCharacterDevices) {
    EXPECT_EQ(udev_entry_name(mapping()), "b253:0");
    EXPECT_EQ(udev_entry_name({{"subsystem", "tty"}, {"major", "4"}, {"minor", "1"}}), "c4:1");
    EXPECT_EQ(udev_entry_name({{"subsystem", "net"}}), std::nullopt);
    EXPECT_EQ(udev_entry_name({{"major", "../x"}, {"minor", "1"}}), std::nullopt);
}

TEST(UdevDatabase, WritesAnEntryThatSurvivesTheCleanup) {
    FakeSystem system;
    UdevDatabase database(system);
    ASSERT_TRUE(database.update(mapping(), Duration(7)));
    EXPECT_EQ(system.content(kEntry), format_udev_entry(mapping(), Duration(7)));
    EXPECT_EQ(system.nodes().at(kEntry).mode, S_IFREG | 01644U);
}

TEST(UdevDatabase, WritesNothingForDevicesWithoutProperties) {
    FakeSystem system;
    UdevDatabase database(system);
    ASSERT_TRUE(
        database.update({{"subsystem", "block"}, {"major", "254"}, {"minor", "0"}}, Duration(7)));
    ASSERT_TRUE(database.update({{"subsystem", "net"}, {"udev.X", "1"}}, Duration(7)));
    EXPECT_THAT(system.calls, IsEmpty());
}

TEST(UdevDatabase, KeepsTheTimeOfTheFirstEntry) {
    FakeSystem system;
    UdevDatabase database(system);
    ASSERT_TRUE(database.update(mapping(), Duration(7)));
    DeviceFacts changed = mapping();
    changed["udev.DM_NAME"] = "other";
    ASSERT_TRUE(database.update(changed, Duration(9)));
    EXPECT_EQ(system.content(kEntry), format_udev_entry(changed, Duration(7)));
    system.calls.clear();
    ASSERT_TRUE(database.update(changed, Duration(11)));
    EXPECT_THAT(system.calls, IsEmpty()) << "nothing changed";
}

TEST(UdevDatabase, RemovesTheEntryOfADeviceThatIsGoneOrHasNoPropertiesAnyMore) {
    FakeSystem system;
    UdevDatabase database(system);
    ASSERT_TRUE(database.update(mapping(), Duration(7)));
    ASSERT_TRUE(database.remove(mapping()));
    EXPECT_FALSE(system.exists(kEntry));
    ASSERT_TRUE(database.update(mapping(), Duration(7)));
    DeviceFacts plain = mapping();
    std::erase_if(plain, [](const auto &fact) { return fact.first.starts_with("udev."); });
    ASSERT_TRUE(database.update(plain, Duration(8)));
    EXPECT_FALSE(system.exists(kEntry));
}

TEST(UdevDatabase, TouchesNoEntryOfSomebodyElse) {
    FakeSystem system;
    system.add_file(kEntry, "E:A=1\n");
    UdevDatabase database(system);
    ASSERT_TRUE(database.remove(mapping()));
    EXPECT_TRUE(system.exists(kEntry));
}

TEST(UdevDatabase, WritesAgainAfterAFailure) {
    FakeSystem system;
    UdevDatabase database(system);
    system.fail("replace", kEntry, ENOSPC);
    EXPECT_FALSE(database.update(mapping(), Duration(7)));
    system.succeed_again("replace", kEntry);
    EXPECT_TRUE(database.update(mapping(), Duration(8)));
    EXPECT_TRUE(system.exists(kEntry));
}

} // namespace
} // namespace slipway
