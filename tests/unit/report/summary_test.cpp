// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/summary.h"

#include <gmock/gmock.h>

namespace slipway::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

BootTimeline boot(std::size_t steps) {
    BootTimeline timeline;
    timeline.total = Duration(2000000);
    for (std::size_t i = 0; i < steps; ++i)
        timeline.steps.push_back({.unit = "unit" + std::to_string(i),
                                  .plugin = "demo",
                                  .operation = "activate",
                                  .start = Duration(0),
                                  .length = Duration(1000),
                                  .prompt = Duration(0),
                                  .outcome = StepOutcome::done});
    return timeline;
}

TEST(Summary, OnlyWarningsAndErrorsOfTheLogAreShown) {
    const Summary summary = summarise(
        boot(1), "info: fine\nwarning: disk: slow\nerror: bad\x1b[2J\nno level\ndebug: x\n", "");
    ASSERT_THAT(summary.complaints, SizeIs(2));
    EXPECT_EQ(summary.complaints[0].text, "disk: slow");
    EXPECT_EQ(summary.complaints[1].text, "bad?[2J");
    EXPECT_THAT(to_text(summary), HasSubstr("warning: disk: slow"));
}

TEST(Summary, WhatDidNotEndWellIsNamedHoweverShort) {
    BootTimeline timeline = boot(9);
    timeline.steps[8].outcome = StepOutcome::failed;
    timeline.steps[8].length = Duration(1);
    const Summary summary = summarise(timeline, "", "");
    EXPECT_THAT(summary.longest, SizeIs(kLongest));
    ASSERT_THAT(summary.not_done, SizeIs(1));
    EXPECT_THAT(to_text(summary), HasSubstr("failed  unit8"));
}

TEST(Summary, ABootWithoutTroubleSaysLittle) {
    const std::string text = to_text(summarise(boot(1), "info: fine\n", ""));
    EXPECT_THAT(text, Not(HasSubstr("Not done")));
    EXPECT_THAT(text, Not(HasSubstr("Warnings")));
    EXPECT_THAT(text, Not(HasSubstr("emergency")));
}

TEST(Summary, AnEmergencyIsShownWithoutWhatDrivesATerminal) {
    const Summary summary = summarise(boot(1), "", "the root is\n\x1b]0;x\x07 missing\n");
    EXPECT_THAT(to_text(summary), HasSubstr("the root is\n?]0;x? missing\n"));
}

} // namespace
} // namespace slipway::report
