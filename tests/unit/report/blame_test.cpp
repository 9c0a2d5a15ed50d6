// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/blame.h"

#include <gmock/gmock.h>

namespace slipway::report {
namespace {

Step step(const char *unit, int start, int length, int prompt = 0) {
    return {.unit = unit,
            .plugin = "demo",
            .operation = "activate",
            .start = Duration(start),
            .length = Duration(length),
            .prompt = Duration(prompt),
            .outcome = StepOutcome::done};
}

BootTimeline boot(std::vector<Step> steps) {
    return {
        .kernel = Duration(5), .total = Duration(1000), .steps = std::move(steps), .dropped = 0};
}

TEST(Blame, TheRunsOfAUnitCountTogetherAndTheLastOneDecides) {
    Step first = step("net@eth0", 0, 30);
    first.outcome = StepOutcome::incomplete;
    const auto all = blame(boot({first, step("sysroot", 30, 50), step("net@eth0", 60, 40)}));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].unit, "net@eth0");
    EXPECT_EQ(all[0].work, Duration(70));
    EXPECT_EQ(all[0].runs, 2U);
    EXPECT_EQ(all[0].outcome, StepOutcome::done);
    EXPECT_EQ(all[1].unit, "sysroot");
}

TEST(Blame, WhatAPersonTookIsNotTheUnitsFault) {
    const auto all = blame(boot({step("luks@1", 0, 500, 450), step("sysroot", 500, 60)}));
    EXPECT_EQ(all[0].unit, "sysroot");
    EXPECT_EQ(all[1].work, Duration(50));
    EXPECT_EQ(all[1].prompt, Duration(450));
}

TEST(Compare, TheLargestDifferenceComesFirstInEitherDirection) {
    const auto changes = compare(boot({step("a", 0, 10), step("b", 0, 100), step("gone", 0, 5)}),
                                 boot({step("a", 0, 30), step("b", 0, 40), step("new", 0, 7)}));
    ASSERT_EQ(changes.size(), 4U);
    EXPECT_EQ(changes[0].unit, "b");
    EXPECT_EQ(changes[0].difference(), Duration(-60));
    EXPECT_EQ(changes[1].unit, "a");
    EXPECT_EQ(changes[2].unit, "new");
    EXPECT_FALSE(changes[2].before);
    EXPECT_EQ(changes[3].unit, "gone");
    EXPECT_FALSE(changes[3].after);
}

} // namespace
} // namespace slipway::report
