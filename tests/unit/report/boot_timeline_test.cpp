// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/boot_timeline.h"

#include <gmock/gmock.h>

#include <format>

namespace slipway::report {
namespace {

using ::testing::HasSubstr;

std::string timeline_with(const std::string &step) {
    return R"({"version":1,"init_start_us":1000000,"switch_root_us":3000000,"dropped_steps":2,"steps":[)" +
           step + "]}";
}

std::string step(const std::string &unit, long start, long end, const std::string &more = "") {
    return std::format(
        R"({{"unit":"{}","plugin":"fs","operation":"activate","start_us":{},"end_us":{},"outcome":"done"{}}})",
        unit, start, end, more);
}

TEST(BootTimeline, TimesCountFromTheStartOfPid1) {
    const auto timeline =
        parse_timeline(timeline_with(step("sysroot", 1500000, 1700000, R"(,"prompt_us":50000)")));
    ASSERT_TRUE(timeline) << timeline.error().message();
    EXPECT_EQ(timeline->kernel, Duration(1000000));
    EXPECT_EQ(timeline->total, Duration(2000000));
    EXPECT_EQ(timeline->dropped, 2U);
    ASSERT_EQ(timeline->steps.size(), 1U);
    EXPECT_EQ(timeline->steps[0].start, Duration(500000));
    EXPECT_EQ(timeline->steps[0].length, Duration(200000));
    EXPECT_EQ(timeline->steps[0].work(), Duration(150000));
}

TEST(BootTimeline, WhatIsNoTimelineIsRefused) {
    for (const char *text :
         {"", "{", "[]", "null", "{}", R"({"version":2})", R"({"version":"1"})",
          R"({"version":1,"init_start_us":5,"switch_root_us":5,"steps":[]})",
          R"({"version":1,"init_start_us":5,"switch_root_us":6,"steps":{}})",
          R"({"version":1,"init_start_us":-5,"switch_root_us":6,"steps":[]})",
          R"({"version":1,"init_start_us":5,"switch_root_us":18446744073709551615,"steps":[]})"})
        EXPECT_FALSE(parse_timeline(text)) << text;
}

TEST(BootTimeline, AStepOutsideOfTheBootIsNamed) {
    for (const std::string &text : {step("late", 1500000, 3000001), step("early", 999999, 1500000),
                                    step("backwards", 1600000, 1500000)}) {
        const auto timeline = parse_timeline(timeline_with(text));
        ASSERT_FALSE(timeline) << text;
        EXPECT_THAT(timeline.error().message(), HasSubstr("step 1"));
    }
}

TEST(BootTimeline, AnUnknownOutcomeIsRefused) {
    std::string text = timeline_with(step("sysroot", 1500000, 1700000));
    text.replace(text.find("\"done\""), 6, "\"fine\"");
    EXPECT_FALSE(parse_timeline(text));
}

TEST(BootTimeline, TextsCannotDriveATerminal) {
    const auto timeline =
        parse_timeline(timeline_with(step(R"(a\u001b[2Jb\u0000c)", 1500000, 1700000)));
    ASSERT_TRUE(timeline) << timeline.error().message();
    EXPECT_EQ(timeline->steps[0].unit, "a?[2Jb?c");
}

TEST(BootTimeline, APromptIsNeverLongerThanItsStep) {
    const auto timeline =
        parse_timeline(timeline_with(step("luks", 1500000, 1700000, R"(,"prompt_us":900000)")));
    ASSERT_TRUE(timeline);
    EXPECT_EQ(timeline->steps[0].work(), Duration(0));
}

} // namespace
} // namespace slipway::report
