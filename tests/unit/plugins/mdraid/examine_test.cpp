// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdraid/examine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::mdraid {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char *kMember = R"(/dev/vda:
          Magic : a92b4efc
        Version : 1.2
    Feature Map : 0x0
     Array UUID : 5A1E0000:00004000:80000000:000F0024
           Name : laptop:root  (local to host laptop)
     Raid Level : raid5
   Raid Devices : 3

          State : clean
    Update Time : Thu Nov 26 12:00:00 2026
         Events : 17

   Device Role : Active device 2
   Array State : A.A ('A' == active, '.' == missing, 'R' == replacing)
)";

constexpr const char *kOldSpare = R"(/dev/vdc:
          Magic : a92b4efc
        Version : 0.90.00
           UUID : 5a1e0000:00004000:80000000:00000090 (local to host laptop)
     Raid Level : raid1
   Raid Devices : 2
  Total Devices : 3
Preferred Minor : 0

          State : clean
 Active Devices : 2
Working Devices : 3
         Events : 0.21

      Number   Major   Minor   RaidDevice State
this     2     254       32       -1      spare   /dev/vdc

   0     0     254        0        0      active sync   /dev/vda
)";

constexpr const char *kOldTable = R"(
      Number   Major   Minor   RaidDevice State
this     1     254       16        1      active sync   /dev/vdb

   0     0     254        0        0      active sync   /dev/vda
   1     1     254       16        1      active sync write-mostly   /dev/vdb
   2     2       0        0        2      faulty removed
   3     3     254       48        3      active sync
   4     4     254       64        4      spare   /dev/vde
)";

TEST(Examine, ReadsTheSuperblockOfAMember) {
    const auto found = parse_examine(kMember);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->uuid, "5a1e0000:00004000:80000000:000f0024");
    EXPECT_EQ(found->name, "root");
    EXPECT_EQ(found->level, "raid5");
    EXPECT_EQ(found->active, 2U) << "the array was degraded when it was stopped";
    EXPECT_FALSE(found->is_spare);
    EXPECT_EQ(found->slot, 2U);
    EXPECT_THAT(found->slots, ElementsAre(Slot{0}, Slot{2})) << "slot 1 is not waited for";
}

TEST(Examine, ReadsOldMetadataWithItsTable) {
    const auto found = parse_examine(kOldSpare);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->uuid, "5a1e0000:00004000:80000000:00000090");
    EXPECT_EQ(found->name, "");
    EXPECT_EQ(found->active, 2U);
    EXPECT_TRUE(found->is_spare);
    EXPECT_EQ(found->slot, std::nullopt);
    EXPECT_THAT(found->slots, ElementsAre(Slot{0, "254:0"}));
}

TEST(Examine, OldMetadataTellsWhichDeviceFilledASlot) {
    const auto found = parse_examine(std::string("UUID : a:b:c:d\nRaid Level : raid6\n"
                                                 "Active Devices : 3\n") +
                                     kOldTable);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->is_spare);
    EXPECT_EQ(found->slot, 1U);
    EXPECT_THAT(found->slots, ElementsAre(Slot{0, "254:0"}, Slot{1, "254:16"}, Slot{3, "254:48"}));
}

TEST(Examine, TextInTheTableIsNoDevice) {
    const auto found = parse_examine("UUID : a:b:c:d\nRaid Level : raid1\nName : x\n"
                                     "   0  0  \x1b[2J  evil  0  active sync\n");
    ASSERT_TRUE(found);
    EXPECT_THAT(found->slots, ElementsAre(Slot{0}));
}

// The disk that is replaced has the data as long as both are there.
TEST(Examine, AReplacementOrAJournalFillsNoSlot) {
    for (const char *role : {"Replacement device 1", "Journal", "spare", "Active device x"}) {
        const auto found = parse_examine("Array UUID : a:b:c:d\n Raid Level : raid5\n"
                                         " Array State : AR ('A' == active)\n Device Role : " +
                                         std::string(role));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->slot, std::nullopt) << role;
        EXPECT_THAT(found->slots, ElementsAre(Slot{0}, Slot{1})) << role;
    }
}

TEST(Examine, CountsMembersThatAreBeingReplaced) {
    const auto found = parse_examine("Array UUID : a:b:c:d\n Raid Level : raid1\n"
                                     " Device Role : spare\n Array State : AR. ('A' == active)\n");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->active, 2U);
    EXPECT_TRUE(found->is_spare);
}

TEST(Examine, RefusesWhatNamesNoArray) {
    EXPECT_FALSE(parse_examine(""));
    EXPECT_FALSE(parse_examine("/dev/vda:\n   MBR Magic : aa55\n"));
    EXPECT_FALSE(parse_examine("Array UUID : a:b:c:d\n"));
}

TEST(Examine, BoundsHostileCounts) {
    const auto found = parse_examine("UUID : a:b:c:d\nRaid Level : raid1\n"
                                     "Active Devices : 99999999999999\n");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->active, 0U);
}

TEST(Examine, BoundsHostileSlots) {
    const auto found = parse_examine(
        "UUID : a:b:c:d\nRaid Level : raid1\nArray State : " + std::string(100'000, 'A') +
        "\nDevice Role : Active device 99999999999999\n");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->active, 4096U);
    EXPECT_EQ(found->slots.size(), 4096U);
    EXPECT_EQ(found->slot, std::nullopt);
}

TEST(Examine, ReadsContainers) {
    const auto found = container_of(parse_exported("MD_METADATA=imsm\nMD_LEVEL=container\n"
                                                   "MD_UUID=C0FFEE:1:2:3\nMD_DEVICES=2\n"));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->is_container);
    EXPECT_EQ(found->uuid, "c0ffee:1:2:3");
    EXPECT_EQ(found->active, 2U);
    EXPECT_THAT(found->slots, IsEmpty()) << "firmware metadata are not asked for them";
    EXPECT_FALSE(container_of(parse_exported("MD_LEVEL=container\n")));
}

TEST(Uuid, IsTheSameInEverySpelling) {
    EXPECT_TRUE(is_same_uuid("5a1e0000:00004000:80000000:000f0024",
                             "5A1E0000-0000-4000-8000-0000000F0024"));
    EXPECT_FALSE(is_same_uuid("5a1e0000:00004000:80000000:000f0024", "5a1e0000"));
    EXPECT_FALSE(is_same_uuid("", ""));
}

} // namespace
} // namespace slipway::mdraid
