// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/chart.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "report/plot.h"

namespace slipway::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Step step(std::string unit, std::string plugin, int start, int length) {
    return {.unit = std::move(unit),
            .plugin = std::move(plugin),
            .operation = "activate",
            .start = Duration(start),
            .length = Duration(length),
            .prompt = Duration(0),
            .outcome = StepOutcome::done};
}

BootTimeline boot(std::vector<Step> steps) {
    return {.kernel = Duration(2000000),
            .total = Duration(1000000),
            .steps = std::move(steps),
            .dropped = 4};
}

TEST(Chart, RowsOfAPluginAreAGroupAndThoseThatOverlapLieInLanes) {
    const Chart chart =
        make_chart(boot({step("a", "fs", 0, 500000), step("b", "fs", 100000, 100000),
                         step("c", "fs", 250000, 100000), step("d", "luks", 0, 900000)}),
                   {});
    ASSERT_EQ(chart.rows.size(), 4U);
    ASSERT_EQ(chart.groups.size(), 2U);
    EXPECT_EQ(chart.groups[0].plugin, "luks") << "it worked longest";
    EXPECT_EQ(chart.groups[1].lanes, 2U);
    EXPECT_EQ(chart.groups[1].rows, 3U);
    std::vector<std::size_t> lanes;
    for (const ChartRow &row : chart.rows)
        if (row.group == 1)
            lanes.push_back(row.lane);
    EXPECT_THAT(lanes, ElementsAre(1, 2, 2));
}

TEST(Chart, WhatHasNoRowIsCounted) {
    const Chart chart = make_chart(
        boot({step("a", "fs", 0, 500000), step("b", "fs", 0, 7), step("c", "fs", 0, 9)}), {1});
    EXPECT_EQ(chart.rows.size(), 2U);
    EXPECT_EQ(chart.hidden, 1U);
    EXPECT_EQ(chart.longest_hidden, Duration(9));
}

TEST(Chart, TheChainIsCritical) {
    const Chart chart = make_chart(boot({step("a", "fs", 0, 500000), step("b", "fs", 10, 7)}), {1});
    EXPECT_FALSE(chart.rows[0].is_critical);
    EXPECT_TRUE(chart.rows[1].is_critical);
}

TEST(Chart, AsJsonItHoldsWhatIsDrawn) {
    BootTimeline timeline = boot({step("luks@1", "luks", 100000, 500000)});
    timeline.steps[0].prompt = Duration(300000);
    timeline.steps[0].questions = {
        {.text = "Passphrase", .start = Duration(200000), .length = Duration(300000)}};
    const auto chart = nlohmann::json::parse(plot_json(timeline, {0}));
    EXPECT_EQ(chart["kernel_us"], 2000000);
    EXPECT_EQ(chart["asked_us"], 300000);
    EXPECT_EQ(chart["groups"][0]["work_us"], 200000);
    EXPECT_EQ(chart["rows"][0]["critical"], true);
    EXPECT_EQ(chart["rows"][0]["questions"][0]["text"], "Passphrase");
    EXPECT_EQ(chart["dropped_jobs"], 4);
}

TEST(Chart, AQuestionIsHatchedWhereItWasAsked) {
    BootTimeline timeline = boot({step("luks@1", "luks", 100000, 500000)});
    timeline.steps[0].prompt = Duration(300000);
    // The chart is 718 wide and begins at 322.
    EXPECT_THAT(
        plot_svg(timeline, {}, Theme::light),
        HasSubstr(R"svg(x="393.8" y="152.0" width="215.4" height="12" fill="url(#asked)")svg"))
        << "from the start of the job, as long as nothing else is known";
    timeline.steps[0].questions = {
        {.text = "Passphrase", .start = Duration(200000), .length = Duration(300000)}};
    EXPECT_THAT(
        plot_svg(timeline, {}, Theme::light),
        HasSubstr(R"svg(x="465.6" y="152.0" width="215.4" height="12" fill="url(#asked)")svg"));
}

} // namespace
} // namespace slipway::report
