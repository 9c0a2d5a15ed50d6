// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/segment_modules.h"

#include <gmock/gmock.h>

namespace slipway::lvm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LogicalVolume volume(std::string name, std::vector<std::string> layouts,
                     std::vector<std::string> modules, std::string pool = {}) {
    LogicalVolume made;
    made.name = std::move(name);
    made.roles = {"public"};
    made.layouts = std::move(layouts);
    made.modules = std::move(modules);
    made.pool = std::move(pool);
    return made;
}

const VolumeGroup kGroup = {
    "vg0",
    "uuid",
    1,
    {},
    {volume("linear", {"linear"}, {}), volume("striped", {"striped"}, {}),
     volume("mirror", {"mirror"}, {"mirror"}), volume("raid1", {"raid", "raid1"}, {"raid"}),
     volume("raid0", {"raid", "raid0_meta"}, {"raid"}),
     volume("raid6", {"raid", "raid6", "raid6_zr"}, {"raid"}),
     volume("raid10", {"raid", "raid10"}, {"raid", "integrity"}),
     volume("origin", {"linear"}, {"snapshot"}),
     volume("thin", {"thin", "sparse"}, {"thin", "thin-pool"}, "pool"),
     volume("pool", {"thin", "pool"}, {"raid", "thin-pool"}),
     volume("cached", {"cache"}, {"cache"}, "hidden"),
     volume("written", {"writecache"}, {"writecache"}), volume("vdo", {"vdo"}, {"vdo"})}};

std::vector<std::string> needs(std::string_view name) {
    return modules_of(kGroup, {std::string(name)});
}

TEST(SegmentModules, LinearAndStripedVolumesNeedNone) {
    EXPECT_THAT(modules_of(kGroup, {"linear", "striped"}), IsEmpty());
}

TEST(SegmentModules, FollowTheTargets) {
    EXPECT_THAT(needs("mirror"), ElementsAre("dm_mirror"));
    EXPECT_THAT(needs("origin"), ElementsAre("dm_snapshot"));
    EXPECT_THAT(needs("cached"), ElementsAre("dm_cache", "dm_cache_smq"));
    EXPECT_THAT(needs("written"), ElementsAre("dm_writecache"));
    EXPECT_THAT(needs("vdo"), ElementsAre("dm_vdo"));
}

TEST(SegmentModules, ARaidNeedsThePersonalityOfItsLevel) {
    EXPECT_THAT(needs("raid1"), ElementsAre("raid1", "raid456", "dm_raid"));
    EXPECT_THAT(needs("raid0"), ElementsAre("raid0", "raid456", "dm_raid"));
    EXPECT_THAT(needs("raid6"), ElementsAre("raid456", "dm_raid"));
    EXPECT_THAT(needs("raid10"), ElementsAre("raid10", "raid456", "dm_raid", "dm_integrity"));
}

TEST(SegmentModules, WhatAPoolLiesOnIsLookedUpThere) {
    EXPECT_THAT(needs("thin"),
                ElementsAre("raid0", "raid1", "raid10", "raid456", "dm_raid", "dm_thin_pool"));
}

TEST(SegmentModules, EachIsNamedOnce) {
    EXPECT_THAT(modules_of(kGroup, {"mirror", "mirror", "gone"}), ElementsAre("dm_mirror"));
}

} // namespace
} // namespace slipway::lvm
