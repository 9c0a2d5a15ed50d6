// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/dm_identity.h"

#include <gmock/gmock.h>

#include <string>

namespace slipway::coldplug {
namespace {

const std::string kIds(64, 'a');

TEST(DmIdentity, AVisibleVolumeIsDecodedIntoGroupAndVolume) {
    const DmIdentity dm = identify_dm("vg0-root", "LVM-" + kIds);
    EXPECT_FALSE(dm.is_private);
    EXPECT_EQ(dm.group, "vg0");
    EXPECT_EQ(dm.volume, "root");
}

TEST(DmIdentity, DoubledDashesAreDashesOfTheNames) {
    const DmIdentity dm = identify_dm("vg--0-home--data", "LVM-" + kIds);
    EXPECT_EQ(dm.group, "vg-0");
    EXPECT_EQ(dm.volume, "home-data");
    const DmIdentity odd = identify_dm("a---b", "LVM-" + kIds);
    EXPECT_EQ(odd.group, "a-");
    EXPECT_EQ(odd.volume, "b");
}

TEST(DmIdentity, ASuffixAfterTheIdsMakesALayerPrivate) {
    for (const char *suffix : {"-real", "-cow", "-tpool", "-cvol", "-"}) {
        const DmIdentity dm = identify_dm("vg0-root", "LVM-" + kIds + suffix);
        EXPECT_TRUE(dm.is_private) << suffix;
        EXPECT_EQ(dm.volume, "") << suffix;
    }
}

TEST(DmIdentity, AThirdPartOfTheNameMakesALayerPrivate) {
    EXPECT_TRUE(identify_dm("vg0-root-real", "LVM-" + kIds).is_private);
}

TEST(DmIdentity, TheNamesThatLvmsRulesHideArePrivate) {
    EXPECT_TRUE(identify_dm("vg0-pvmove0", "LVM-" + kIds).is_private);
    EXPECT_FALSE(identify_dm("vg0-pvmove", "LVM-" + kIds).is_private);
    EXPECT_TRUE(identify_dm("vg0-root_vorigin", "LVM-" + kIds).is_private);
    EXPECT_FALSE(identify_dm("vg0-_vorigin", "LVM-" + kIds).is_private);
}

TEST(DmIdentity, NamesThatAreNoPairAreNotLinkedAnywhere) {
    for (const char *name : {"", "-", "--", "vg0", "vg0-", "-root", "----"}) {
        const DmIdentity dm = identify_dm(name, "LVM-" + kIds);
        EXPECT_TRUE(dm.is_private) << name;
        EXPECT_EQ(dm.group, "") << name;
    }
}

TEST(DmIdentity, AMappingOfAnotherMakerHasNoVolume) {
    const DmIdentity dm = identify_dm("vg0-root", "CRYPT-LUKS2-0123-vg0-root");
    EXPECT_FALSE(dm.is_private);
    EXPECT_EQ(dm.volume, "");
    EXPECT_FALSE(identify_dm("root", "").is_private);
}

TEST(DmIdentity, MappingsInTheMakingArePrivate) {
    EXPECT_TRUE(identify_dm("temporary-cryptsetup-812", "CRYPT-TEMP-x").is_private);
    EXPECT_TRUE(identify_dm("temporary-cryptsetup-812", "").is_private);
    EXPECT_TRUE(identify_dm("root_dif", "CRYPT-SUBDEV-x").is_private);
}

TEST(DmCookie, TheUpperHalfHoldsTheFlags) {
    const DmFlags low = decode_dm_cookie(std::to_string(0x0010U << 16U | 0x1234U));
    EXPECT_TRUE(low.is_low_priority);
    EXPECT_FALSE(low.is_disk_disabled);
    EXPECT_TRUE(decode_dm_cookie(std::to_string(0x0004U << 16U)).is_disk_disabled);
}

TEST(DmCookie, WhatLibdevmapperForcesWithoutUdevdIsNotTaken) {
    const DmFlags flags = decode_dm_cookie(std::to_string(0x0003U << 16U));
    EXPECT_FALSE(flags.is_disk_disabled);
    EXPECT_FALSE(flags.is_low_priority);
}

TEST(DmCookie, SetsNothingUnlessItIsANumberOf32Bits) {
    for (const char *cookie : {"", "x", "-1", "0x100000", " 1048576", "1048576 ", "1048576x",
                               "4296015872", "99999999999999999999999999"}) {
        EXPECT_FALSE(decode_dm_cookie(cookie).is_low_priority) << cookie;
        EXPECT_FALSE(decode_dm_cookie(cookie).is_disk_disabled) << cookie;
    }
}

} // namespace
} // namespace slipway::coldplug
