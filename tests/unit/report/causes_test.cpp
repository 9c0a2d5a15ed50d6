// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/causes.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "unit/report/recorded_boots.h"

namespace slipway::report {
namespace {

using test::causes_of;
using test::disk;
using test::done;
using test::kDisk;
using test::names;
using test::record_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Causes, ADeviceIsBroughtByTheJobThatIsAtWork) {
    const Causes causes = causes_of({disk()});
    const auto look = std::ranges::find(causes.jobs, "inspect /dev/vda", &CausedJob::name);
    ASSERT_NE(look, causes.jobs.end());
    EXPECT_EQ(look->start, Duration(1100000));
    EXPECT_EQ(look->cause.kind, CauseKind::device);
    EXPECT_EQ(look->cause.device, "vda");
    ASSERT_TRUE(look->cause.job);
    EXPECT_EQ(causes.jobs[*look->cause.job].name, "coldplug");
    EXPECT_FALSE(causes.end);
}

TEST(Causes, WhatRunsFromTheStartHasNoCauseButThat) {
    const Causes causes = causes_of({});
    ASSERT_THAT(causes.jobs, Not(IsEmpty()));
    EXPECT_EQ(causes.jobs.front().cause.kind, CauseKind::start);
    EXPECT_EQ(causes.begin, Duration(1000000));
}

TEST(Causes, AUnitThatDidNotRunHasNoChain) {
    const Causes causes = causes_of({});
    EXPECT_FALSE(critical_chain(causes, "sysroot"));
    ASSERT_TRUE(critical_chain(causes, "coldplug"));
    EXPECT_THAT(names(causes, *critical_chain(causes, "coldplug")), ElementsAre("coldplug"));
    EXPECT_THAT(critical_chain(causes), IsEmpty());
}

TEST(Causes, TheChainLeadsFromTheEndOfTheBootToItsStart) {
    JobFinished looked = done(2);
    looked.published = {{kDisk, {{"ready", "1"}}}};
    const Causes causes = causes_of({disk(), looked, done(1), done(3)});
    ASSERT_TRUE(causes.end);
    EXPECT_TRUE(causes.is_booted);
    EXPECT_EQ(*causes.end, Duration(1400000));
    EXPECT_THAT(names(causes, critical_chain(causes)), ElementsAre("coldplug", "sysroot"));
}

TEST(Causes, ARecordOfOtherDecisionsIsRefused) {
    Record record = record_of({disk()});
    ASSERT_THAT(record.steps.back().decisions, Not(IsEmpty()));
    record.steps.back().decisions.front() += "-not";
    const auto causes = find_causes(record);
    ASSERT_FALSE(causes);
    EXPECT_THAT(causes.error().message(), HasSubstr("something else"));
}

} // namespace
} // namespace slipway::report
