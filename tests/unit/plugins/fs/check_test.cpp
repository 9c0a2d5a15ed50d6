// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/check.h"

#include <gmock/gmock.h>

namespace slipway::fs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Kind = CheckVerdict::Kind;
using Step = CheckPlan::Step;

const CheckRequest kRequest = {"/dev/vda2", "ext4", CheckMode::automatic, Repair::preen,
                               "/usr/sbin/fsck.ext4"};
const CheckState kClean = {true, "", false};
const CheckState kDirty = {true, "was not cleanly unmounted", false};

TEST(CheckPlan, ACleanFileSystemRunsNoProgram) {
    EXPECT_EQ(plan_check(kRequest, kClean).step, Step::clean);
}

TEST(CheckPlan, ADirtyFileSystemIsPreened) {
    const CheckPlan plan = plan_check(kRequest, kDirty);
    EXPECT_EQ(plan.step, Step::run);
    EXPECT_THAT(plan.argv, ElementsAre("/usr/sbin/fsck.ext4", "-a", "/dev/vda2"));
}

TEST(CheckPlan, AnUnreadableSuperblockIsLeftToTheChecker) {
    EXPECT_EQ(plan_check(kRequest, {}).step, Step::run);
}

TEST(CheckPlan, ForceChecksWhatIsClean) {
    CheckRequest request = kRequest;
    request.mode = CheckMode::force;
    request.repair = Repair::yes;
    EXPECT_THAT(plan_check(request, kClean).argv,
                ElementsAre("/usr/sbin/fsck.ext4", "-y", "-f", "/dev/vda2"));
}

TEST(CheckPlan, WhatMustStayAsItIsIsOnlyLookedAt) {
    CheckRequest request = kRequest;
    request.mode = CheckMode::look;
    EXPECT_EQ(plan_check(request, kClean).step, Step::clean);
    const CheckPlan dirty = plan_check(request, kDirty);
    EXPECT_EQ(dirty.step, Step::warn);
    EXPECT_THAT(dirty.argv, IsEmpty());
    EXPECT_THAT(dirty.note, HasSubstr("/dev/vda2 was not cleanly unmounted: not checked"));
    EXPECT_THAT(dirty.note, HasSubstr("fsck.mode=force"));
    const CheckPlan journal = plan_check(request, {true, "has a journal to replay", true});
    EXPECT_EQ(journal.step, Step::skip);
    EXPECT_THAT(journal.note, HasSubstr("the mount replays"));
    request.type = "f2fs";
    EXPECT_EQ(plan_check(request, {}).step, Step::skip);
}

TEST(CheckPlan, RepairNoOnlyLooks) {
    CheckRequest request = kRequest;
    request.repair = Repair::no;
    EXPECT_THAT(plan_check(request, kDirty).argv,
                ElementsAre("/usr/sbin/fsck.ext4", "-n", "/dev/vda2"));
}

TEST(CheckPlan, EachCheckerIsCalledInItsOwnWords) {
    CheckRequest request = {"/dev/vda2", "f2fs", CheckMode::force, Repair::no,
                            "/usr/sbin/fsck.f2fs"};
    EXPECT_THAT(plan_check(request, {}).argv,
                ElementsAre("/usr/sbin/fsck.f2fs", "--dry-run", "-f", "/dev/vda2"));
    request.repair = Repair::preen;
    request.mode = CheckMode::automatic;
    EXPECT_THAT(plan_check(request, {}).argv,
                ElementsAre("/usr/sbin/fsck.f2fs", "-a", "/dev/vda2"));
    // "-f" of fsck.vfat makes files of lost clusters.
    request = {"/dev/vda1", "vfat", CheckMode::force, Repair::preen, "/usr/sbin/fsck.vfat"};
    EXPECT_THAT(plan_check(request, {}).argv,
                ElementsAre("/usr/sbin/fsck.vfat", "-a", "/dev/vda1"));
}

TEST(CheckPlan, SkipWinsOverEverything) {
    CheckRequest request = kRequest;
    request.mode = CheckMode::skip;
    EXPECT_EQ(plan_check(request, kDirty).step, Step::skip);
}

TEST(CheckPlan, TypesWithoutAUsefulCheckerAreSkipped) {
    for (const char *type : {"xfs", "btrfs", "squashfs", "erofs", ""}) {
        CheckRequest request = kRequest;
        request.type = type;
        EXPECT_EQ(plan_check(request, {}).step, Step::skip) << type;
    }
}

TEST(CheckPlan, WithoutACheckerTheMountReplaysTheJournal) {
    CheckRequest request = kRequest;
    request.checker = "";
    EXPECT_EQ(plan_check(request, {true, "has a journal", true}).step, Step::skip);
    const CheckPlan plan = plan_check(request, kDirty);
    EXPECT_EQ(plan.step, Step::warn);
    EXPECT_THAT(plan.note, HasSubstr("/dev/vda2 was not cleanly unmounted"));
    EXPECT_THAT(plan.note, HasSubstr("rebuild the image"));
}

TEST(CheckVerdict, FollowsTheExitCodesOfFsck) {
    const std::vector<std::string> argv = {"/usr/sbin/fsck.ext4", "-a", "/dev/vda2"};
    EXPECT_EQ(judge_check(0, argv).kind, Kind::good);
    EXPECT_EQ(judge_check(1, argv).kind, Kind::good);
    EXPECT_EQ(judge_check(2, argv).kind, Kind::doubtful);
    EXPECT_EQ(judge_check(3, argv).kind, Kind::doubtful);
    EXPECT_EQ(judge_check(4, argv).kind, Kind::bad);
    EXPECT_EQ(judge_check(7, argv).kind, Kind::bad);
    EXPECT_EQ(judge_check(8, argv).kind, Kind::bad);
    EXPECT_EQ(judge_check(12, argv).kind, Kind::bad);
    EXPECT_EQ(judge_check(32, argv).kind, Kind::doubtful);
    EXPECT_EQ(judge_check(-1, argv).kind, Kind::doubtful);
    EXPECT_EQ(judge_check(139, argv).kind, Kind::bad);
    EXPECT_THAT(judge_check(4, argv).text, HasSubstr("/usr/sbin/fsck.ext4 -y /dev/vda2"));
    EXPECT_THAT(judge_check(139, argv).text, HasSubstr("signal 11"));
    EXPECT_EQ(judge_check(16, argv).kind, Kind::bad);
    // Of a program that returns -1 for everything.
    EXPECT_EQ(judge_check(255, argv).kind, Kind::bad);
    EXPECT_THAT(judge_check(255, argv).text, HasSubstr("exit code 255"));
    EXPECT_THAT(judge_check(255, argv).text, Not(HasSubstr("signal")));
}

} // namespace
} // namespace slipway::fs
