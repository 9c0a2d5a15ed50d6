// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/device_reference.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace slipway {
namespace {

const Facts kRoot = {{"ready", "1"},
                     {"devnode", "/dev/vda2"},
                     {"links", "/dev/disk/by-uuid/abcd\n/dev/disk/by-label/root"},
                     {"fs_uuid", "1234-ABCD"},
                     {"fs_label", "  two blanks"},
                     {"part_uuid", "0badc0de-02"},
                     {"part_offsets", "0badc0de-01/1\n0badc0de-02/0\n0badc0de-0a/-8"},
                     {"part_label", "Linux root"}};

bool matches(std::string_view text, const Facts &facts = kRoot) {
    const auto reference = DeviceReference::parse(text);
    return reference && reference->matches(facts);
}

TEST(DeviceReference, EveryFormFindsItsDevice) {
    EXPECT_TRUE(matches("/dev/vda2"));
    EXPECT_TRUE(matches("/dev/disk/by-label/root"));
    EXPECT_TRUE(matches("UUID=1234-ABCD"));
    EXPECT_TRUE(matches("LABEL=  two blanks"));
    EXPECT_TRUE(matches("PARTUUID=0badc0de-02"));
    EXPECT_TRUE(matches("PARTLABEL=Linux root"));
}

TEST(DeviceReference, QuotesAroundTheValueAreAccepted) {
    EXPECT_TRUE(matches("PARTLABEL=\"Linux root\""));
    EXPECT_TRUE(matches("\"/dev/vda2\""));
}

TEST(DeviceReference, UuidsAreComparedWithoutRegardToCaseAndLabelsExactly) {
    EXPECT_TRUE(matches("UUID=1234-abcd"));
    EXPECT_TRUE(matches("PARTUUID=0BADC0DE-02"));
    EXPECT_FALSE(matches("PARTLABEL=linux ROOT"));
}

TEST(DeviceReference, TheBeginningOfAUuidMayStandForIt) {
    EXPECT_TRUE(matches("UUID=1234-a*"));
    EXPECT_TRUE(matches("UUID=1234-ABCD*"));
    EXPECT_FALSE(matches("UUID=234*"));
    EXPECT_FALSE(matches("UUID=1234-ABCDE*"));
    EXPECT_FALSE(matches("UUID=*"));       // no reference
    EXPECT_FALSE(matches("LABEL=  two*")); // an asterisk is part of a label
    EXPECT_TRUE(DeviceReference::parse("UUID=12*")->is_prefix());
    EXPECT_FALSE(DeviceReference::parse("UUID=12")->is_prefix());
}

TEST(DeviceReference, APartitionMayBeCountedFromAnother) {
    EXPECT_TRUE(matches("PARTUUID=0badc0de-01/PARTNROFF=1"));
    EXPECT_TRUE(matches("PARTUUID=0BADC0DE-01/PARTNROFF=+1"));
    EXPECT_TRUE(matches("PARTUUID=0badc0de-02/PARTNROFF=0"));
    EXPECT_TRUE(matches("PARTUUID=0badc0de-0a/PARTNROFF=-8"));
    EXPECT_FALSE(matches("PARTUUID=0badc0de-02/PARTNROFF=1"));
    EXPECT_FALSE(matches("PARTUUID=0badc0de-01"));
    EXPECT_FALSE(DeviceReference::parse("PARTUUID=0badc0de-01/PARTNROFF=1")->has_index_key());
}

TEST(DeviceReference, AnOffsetThatIsNoNumberIsNoReference) {
    for (const char *text : {"PARTUUID=a/PARTNROFF=", "PARTUUID=a/PARTNROFF=x",
                             "PARTUUID=a/PARTNROFF=1x", "PARTUUID=a/PARTNROFF=99999999999",
                             "PARTUUID=/PARTNROFF=1", "PARTUUID=a/b", "PARTUUID=a/PARTNROFF=+-1"})
        EXPECT_FALSE(DeviceReference::parse(text).has_value()) << text;
    EXPECT_TRUE(matches("LABEL=a/PARTNROFF=x", {{"ready", "1"}, {"fs_label", "a/PARTNROFF=x"}}));
}

TEST(DeviceReference, EveryKindOfUuidIsAnOpaqueText) {
    const auto of_uuid = [](const char *uuid) { return Facts{{"ready", "1"}, {"fs_uuid", uuid}}; };
    EXPECT_TRUE(matches("UUID=abcd-1234", of_uuid("ABCD-1234")));                   // FAT
    EXPECT_TRUE(matches("UUID=\"01D5A1B2C3D4E5F6\"", of_uuid("01D5A1B2C3D4E5F6"))); // NTFS
    EXPECT_TRUE(matches("UUID=2024-01-02-03-04-05-00", of_uuid("2024-01-02-03-04-05-00")));
}

TEST(DeviceReference, ALinkIsNamedAsItIsWrittenBelowDev) {
    const Facts facts = {{"ready", "1"},
                         {"devnode", "/dev/vda2"},
                         {"links", "/dev/block/254:2\n/dev/disk/by-label/\\x20\\x20two\n"
                                   "/dev/disk/by-diskseq/3-part2"}};
    EXPECT_TRUE(matches("/dev/block/254:2", facts));
    EXPECT_TRUE(matches("/dev/disk/by-label/\\x20\\x20two", facts));
    EXPECT_TRUE(matches("/dev/disk/by-diskseq/3-part2", facts));
}

TEST(DeviceReference, AnAliasIsANameWithoutALink) {
    const Facts facts = {{"ready", "1"}, {"devnode", "/dev/sda"}, {"aliases", "/dev/root\n/dev/x"}};
    EXPECT_TRUE(matches("/dev/root", facts));
    EXPECT_FALSE(matches("/dev/roo", facts));
    const auto keys = DeviceReference::index_keys_of(facts);
    EXPECT_TRUE(std::ranges::contains(keys, "/dev/root"));
}

TEST(DeviceReference, ADeviceThatIsNotReadyAnswersToNothing) {
    Facts suspended = kRoot;
    suspended["ready"] = "0";
    EXPECT_FALSE(matches("/dev/vda2", suspended));
    suspended.erase("ready");
    EXPECT_FALSE(matches("UUID=1234-ABCD", suspended));
}

TEST(DeviceReference, ALinkIsMatchedAsAWholeLine) {
    EXPECT_FALSE(matches("/dev/disk/by-uuid/abc"));
    EXPECT_FALSE(matches("/dev/disk/by-label/roo"));
}

TEST(DeviceReference, OtherTextsAreNoReferences) {
    for (const char *text : {"", "root", "UUID=", "LABEL=\"\"", "/dev/", "/sysroot", "nfs:host:/x"})
        EXPECT_FALSE(DeviceReference::parse(text)) << text;
}

TEST(DeviceReference, AnEmptyFactMatchesNoReference) {
    EXPECT_FALSE(matches("UUID=x", {{"ready", "1"}}));
}

} // namespace
} // namespace slipway
