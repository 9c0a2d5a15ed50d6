// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/timeline.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway {
namespace {

using Outcome = Timeline::Outcome;

TEST(Timeline, writes_the_documented_json) {
    Timeline timeline(Duration(100));
    const auto step = timeline.started("modules@disk", "coldplug", "activate", Duration(150));
    timeline.ended(step, Outcome::done, Duration(250));
    EXPECT_EQ(timeline.to_json(Duration(900)),
              R"({"version":1,"init_start_us":100,"switch_root_us":900,"dropped_steps":0,"steps":[)"
              "\n"
              R"({"unit":"modules@disk","plugin":"coldplug","operation":"activate",)"
              R"("start_us":150,"end_us":250,"outcome":"done","prompt_us":0}]})"
              "\n");
}

TEST(Timeline, adds_up_the_time_of_prompts) {
    Timeline timeline(Duration(0));
    const auto step = timeline.started("u", "p", "activate", Duration(0));
    timeline.prompt_opened(step, Duration(10));
    timeline.prompt_opened(step, Duration(15));
    timeline.prompt_closed(step, Duration(30));
    timeline.prompt_closed(step, Duration(35));
    timeline.prompt_opened(step, Duration(40));
    timeline.ended(step, Outcome::failed, Duration(45));
    EXPECT_EQ(timeline.steps()[0].prompt, Duration(25));
    EXPECT_NE(timeline.to_json(Duration(50)).find(R"("outcome":"failed","prompt_us":25)"),
              std::string::npos);
}

TEST(Timeline, a_step_that_still_runs_ends_with_the_switch_and_says_so) {
    Timeline timeline(Duration(0));
    const auto step = timeline.started("u", "p", "activate", Duration(5));
    timeline.prompt_opened(step, Duration(10));
    EXPECT_NE(
        timeline.to_json(Duration(50)).find(R"("end_us":50,"outcome":"running","prompt_us":40)"),
        std::string::npos);
}

TEST(Timeline, a_step_ends_once) {
    Timeline timeline(Duration(0));
    const auto step = timeline.started("u", "p", "activate", Duration(0));
    timeline.ended(step, Outcome::incomplete, Duration(1));
    timeline.ended(step, Outcome::done, Duration(2));
    EXPECT_EQ(timeline.steps()[0].outcome, Outcome::incomplete);
    EXPECT_EQ(timeline.steps()[0].end, Duration(1));
}

TEST(Timeline, counts_what_is_beyond_its_bound) {
    Timeline timeline(Duration(0));
    for (std::size_t i = 0; i < Timeline::kMaxSteps; ++i)
        (void)timeline.started("u", "p", "o", Duration(0));
    const auto beyond = timeline.started("late", "p", "o", Duration(0));
    timeline.ended(beyond, Outcome::done, Duration(1));
    EXPECT_EQ(timeline.dropped(), 1U);
    EXPECT_EQ(timeline.steps().size(), Timeline::kMaxSteps);
}

TEST(Timeline, a_job_that_will_be_tried_again_has_failed) {
    EXPECT_EQ(outcome_of(JobOutcome::done), Outcome::done);
    EXPECT_EQ(outcome_of(JobOutcome::incomplete), Outcome::incomplete);
    EXPECT_EQ(outcome_of(JobOutcome::failed), Outcome::failed);
    EXPECT_EQ(outcome_of(JobOutcome::retry), Outcome::failed);
}

TEST(JsonString, escapes_what_json_demands) {
    EXPECT_EQ(json_string(R"(a"b\c)"), R"("a\"b\\c")");
    EXPECT_EQ(json_string("a\nb\tc"), R"("a\nb\tc")");
    EXPECT_EQ(json_string("gr\xC3\xBCn"), "\"gr\xC3\xBCn\"");
    EXPECT_EQ(json_string(""), R"("")");
}

TEST(JsonString, replaces_other_control_characters_and_broken_utf8) {
    EXPECT_EQ(json_string(std::string_view("a\0b\x1b", 4)), R"("a?b?")");
    EXPECT_EQ(json_string("\xFF"), R"("?")");
}

} // namespace
} // namespace slipway
