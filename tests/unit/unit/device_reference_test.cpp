// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/device_reference.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const Facts kRoot = {{"ready", "1"},
                     {"devnode", "/dev/vda2"},
                     {"links", "/dev/disk/by-uuid/abcd\n/dev/disk/by-label/root"},
                     {"fs_uuid", "1234-ABCD"},
                     {"fs_label", "  two blanks"},
                     {"part_uuid", "0badc0de-02"},
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
