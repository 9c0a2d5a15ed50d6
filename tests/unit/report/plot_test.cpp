// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/plot.h"

#include <gmock/gmock.h>

#include "report/markup.h"

namespace slipway::report {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Step step(std::string unit, int start, int length) {
    return {.unit = std::move(unit),
            .plugin = "demo",
            .operation = "activate",
            .start = Duration(start),
            .length = Duration(length),
            .prompt = Duration(0),
            .outcome = StepOutcome::done};
}

BootTimeline boot(std::vector<Step> steps) {
    return {.kernel = Duration(1000000),
            .total = Duration(1000000),
            .steps = std::move(steps),
            .dropped = 0};
}

TEST(Plot, ShortJobsAreFoldedAndCounted) {
    BootTimeline timeline = boot({step("long", 0, 500000), step("short", 0, 10)});
    EXPECT_THAT(rows_of(timeline, {}), ElementsAre(0));
    timeline.dropped = 3;
    EXPECT_THAT(plot_svg(timeline, {}, Theme::light),
                HasSubstr("1 job more of at most 0.000 s, and 3 that nobody wrote down"));
}

TEST(Plot, WhatFailedOrIsOnTheChainIsDrawnHoweverShort) {
    BootTimeline timeline = boot({step("a", 5, 10), step("b", 3, 10), step("c", 1, 10)});
    timeline.steps[1].outcome = StepOutcome::failed;
    EXPECT_THAT(rows_of(timeline, {0}), ElementsAre(1, 0));
}

TEST(Plot, ThereIsAnEndToTheRows) {
    std::vector<Step> steps;
    for (int i = 0; i < 500; ++i)
        steps.push_back(step("job", i, 20000 + i));
    const auto rows = rows_of(boot(std::move(steps)), {});
    EXPECT_EQ(rows.size(), kMaxRows);
    EXPECT_EQ(rows.back(), 499U) << "the longest stay, in the order of their start";
}

TEST(Plot, AFailureIsDrawnAlsoAmongManyLongJobs) {
    std::vector<Step> steps;
    for (int i = 0; i < 100; ++i)
        steps.push_back(step("job", i, 20000));
    steps.push_back(step("failure", 50, 1));
    steps.back().outcome = StepOutcome::failed;
    EXPECT_THAT(rows_of(boot(std::move(steps)), {}), Contains(100));
}

TEST(Plot, NamesAreTextAndNothingElse) {
    const BootTimeline timeline = boot({step("<script>alert(1)</script>&\"", 0, 500000)});
    for (const std::string &text :
         {plot_svg(timeline, {0}, Theme::automatic), plot_html(timeline, {0}, Theme::dark)}) {
        EXPECT_THAT(text, Not(HasSubstr("<script")));
        EXPECT_THAT(text, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
    }
}

TEST(Plot, WhatTurnsTheDirectionOfTextIsTakenOut) {
    EXPECT_EQ(escaped("a\u202eb\u2066c\u00e4"), "a?b?c\u00e4");
}

TEST(Plot, AnAutomaticThemeHasBothSetsOfColours) {
    const BootTimeline timeline = boot({step("a", 0, 500000)});
    EXPECT_THAT(plot_svg(timeline, {}, Theme::automatic), HasSubstr("prefers-color-scheme:dark"));
    EXPECT_THAT(plot_svg(timeline, {}, Theme::light), Not(HasSubstr("prefers-color-scheme")));
}

TEST(Plot, JobsThatOverlapHaveThreadsOfTheirOwnInATrace) {
    const std::string trace =
        plot_perfetto(boot({step("a", 0, 500), step("b", 100, 500), step("c", 700, 10)}));
    EXPECT_THAT(
        trace,
        HasSubstr(
            R"("name":"a","cat":"activate","ph":"X","ts":1000000,"dur":500,"pid":1,"tid":1)"));
    EXPECT_THAT(trace, HasSubstr(R"("ts":1000100,"dur":500,"pid":1,"tid":2)"));
    EXPECT_THAT(trace, HasSubstr(R"("ts":1000700,"dur":10,"pid":1,"tid":1)"));
}

} // namespace
} // namespace slipway::report
