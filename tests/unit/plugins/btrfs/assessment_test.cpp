// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/assessment.h"

#include <gmock/gmock.h>

namespace slipway::btrfs {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Member member(std::uint64_t id, std::uint64_t num_devices, std::uint64_t generation) {
    const std::string node = "/dev/vd" + std::string(1, static_cast<char>('a' + id));
    return {"/sys" + node,
            node,
            {"fs", generation, num_devices, id, "device-" + std::to_string(id), ""}};
}

TEST(BtrfsAssessment, IsCompleteWithAsManyAsTheSuperblockSays) {
    const Assessment both = assess({member(2, 2, 10), member(1, 2, 10)});
    EXPECT_TRUE(both.is_complete());
    EXPECT_EQ(describe(both), "device 1 /dev/vdb, device 2 /dev/vdc");
    const Assessment one = assess({member(2, 3, 10)});
    EXPECT_FALSE(one.is_complete());
    EXPECT_EQ(one.missing, 2U);
}

TEST(BtrfsAssessment, IsNamedByItsLabelOrElseByItsUuid) {
    EXPECT_EQ(assess({member(1, 1, 1)}).name, "fs");
    Member labelled = member(1, 1, 1);
    labelled.superblock.label = "da\x1bta";
    EXPECT_EQ(assess({labelled}).name, "da?ta");
}

TEST(BtrfsAssessment, APowerCutBetweenTwoWritesMakesNoDeviceOld) {
    EXPECT_TRUE(assess({member(1, 2, 10), member(2, 2, 9)}).is_complete());
    EXPECT_FALSE(assess({member(1, 2, 10), member(2, 2, 8)}).is_complete());
}

TEST(BtrfsAssessment, TheNewestSuperblockKnowsHowManyThereAre) {
    // A third device was removed while it was away; it still speaks of three.
    const Assessment removed = assess({member(3, 3, 5), member(1, 2, 10), member(2, 2, 10)});
    EXPECT_TRUE(removed.is_complete());
    EXPECT_EQ(removed.num_devices, 2U);
    EXPECT_THAT(removed.members, SizeIs(2));
    ASSERT_THAT(removed.left_out, SizeIs(1));
    EXPECT_EQ(removed.left_out.front().devnode, "/dev/vdd");
}

TEST(BtrfsAssessment, AnOldDeviceDoesNotStandForOneThatIsMissing) {
    const Assessment old = assess({member(1, 2, 10), member(3, 2, 5)});
    EXPECT_EQ(old.missing, 1U);
    EXPECT_THAT(old.left_out, IsEmpty());
    EXPECT_THAT(describe(old),
                AllOf(HasSubstr("device 1 /dev/vdb,"), HasSubstr("/dev/vdd (older state)")));
}

TEST(BtrfsAssessment, MoreThanExpectedIsComplete) {
    EXPECT_TRUE(assess({member(1, 1, 10), member(2, 1, 10)}).is_complete());
}

TEST(BtrfsAssessment, CopiesOfADeviceAreNamed) {
    Member copy = member(1, 2, 4);
    copy.devnode = "/dev/sdx";
    EXPECT_THAT(assess({member(1, 2, 10), copy}).problem,
                AllOf(HasSubstr("/dev/sdx and /dev/vdb"), HasSubstr("detach")));
    EXPECT_EQ(assess({member(1, 2, 10), member(2, 2, 10)}).problem, "");
}

TEST(BtrfsAssessment, OfNothingIsEmpty) {
    EXPECT_THAT(assess({}).members, IsEmpty());
    EXPECT_EQ(describe(assess({})), "none");
}

} // namespace
} // namespace slipway::btrfs
