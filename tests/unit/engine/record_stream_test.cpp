// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/record_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/unit_catalog.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kHead = "slipway-record 1\ngoal a\nunits a.toml -\n|[[unit]]\n|name = \"a\"\n"
                          "|kind = \"job\"\n|plugin = \"p\"\n|device = \"/dev/a\"\n";
const std::string kSteps = "@5 start\n> timer none\n"
                           "@6 finished 1 done -\nmissing x\nunit\n|[[unit]]\n|name = \"b\"\n"
                           "> emergency\n|a failed\n|  because\n"
                           "@7 device /sys/a devnode=/dev/a\n> update /sys/a\n";

std::vector<RecordedStep> steps_of(RecordStream &stream) {
    std::vector<RecordedStep> steps;
    for (RecordedStep &step : stream.take_steps())
        steps.push_back(std::move(step));
    return steps;
}

std::string told(const std::vector<RecordedStep> &steps) {
    std::string text;
    for (const RecordedStep &step : steps) {
        text += std::to_string(step.when.count()) + "/" + std::to_string(step.line) + ":";
        for (const std::string &decision : step.decisions)
            text += " <" + decision + ">";
        if (step.event)
            text += " event " + std::to_string(step.event->index());
        text += '\n';
    }
    return text;
}

TEST(RecordStream, gives_the_same_steps_wherever_the_pieces_end) {
    const std::string text = kHead + kSteps;
    const auto whole = parse_record(text);
    ASSERT_TRUE(whole) << whole.error().message();
    ASSERT_THAT(whole->steps, SizeIs(3));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        RecordStream stream;
        ASSERT_TRUE(stream.feed(text.substr(0, cut)));
        std::vector<RecordedStep> steps = steps_of(stream);
        ASSERT_TRUE(stream.feed(text.substr(cut)));
        ASSERT_TRUE(stream.settle());
        for (RecordedStep &step : stream.take_steps())
            steps.push_back(std::move(step));
        EXPECT_EQ(told(steps), told(whole->steps)) << "cut at " << cut;
    }
}

TEST(RecordStream, holds_a_step_back_until_it_is_whole) {
    RecordStream stream;
    ASSERT_TRUE(stream.feed(kHead + "@5 start\n> timer none\n"));
    EXPECT_THAT(stream.take_steps(), IsEmpty());
    // A line may be continued by the next one, so it takes that to know that it has ended.
    ASSERT_TRUE(stream.feed("@6 time\n"));
    EXPECT_THAT(stream.take_steps(), IsEmpty());
    ASSERT_TRUE(stream.feed("@7 time\n"));
    EXPECT_THAT(stream.take_steps(), SizeIs(1));
    ASSERT_TRUE(stream.settle());
    EXPECT_THAT(stream.take_steps(), SizeIs(2));
    EXPECT_THAT(stream.take_steps(), IsEmpty());
}

TEST(RecordStream, knows_when_the_configuration_is_whole) {
    RecordStream stream;
    ASSERT_TRUE(stream.feed(kHead));
    EXPECT_FALSE(stream.has_started());
    ASSERT_TRUE(stream.feed("@5 start\n"));
    ASSERT_TRUE(stream.settle());
    EXPECT_TRUE(stream.has_started());
    EXPECT_EQ(stream.record().config.goal, "a");
    EXPECT_THAT(stream.record().units, SizeIs(1));
}

TEST(RecordStream, goes_on_after_it_was_settled) {
    RecordStream stream;
    ASSERT_TRUE(stream.feed(kHead + "@5 start\n"));
    ASSERT_TRUE(stream.settle());
    ASSERT_TRUE(stream.feed("@6 time\n"));
    ASSERT_TRUE(stream.settle());
    EXPECT_THAT(stream.take_steps(), SizeIs(2));
}

TEST(RecordStream, refuses_what_continues_a_settled_step) {
    for (const std::string late : {"> timer none\n", "missing x\n", "published /sys/a\n"}) {
        RecordStream stream;
        ASSERT_TRUE(stream.feed(kHead + "@5 start\n@6 finished 1 done -\n"));
        ASSERT_TRUE(stream.settle());
        const auto fed = stream.feed(late);
        const auto settled = stream.settle();
        EXPECT_FALSE(fed && settled) << late;
    }
}

TEST(RecordStream, keeps_to_its_first_problem) {
    RecordStream stream;
    auto fed = stream.feed("slipway-record 1\ngaol x\ngoal y\n");
    if (fed)
        fed = stream.settle();
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().message(), "line 2: unknown key \"gaol\"");
    fed = stream.feed("goal z\n");
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().message(), "line 2: unknown key \"gaol\"");
}

TEST(RecordStream, of_nothing_is_no_record) {
    RecordStream stream;
    const auto settled = stream.settle();
    ASSERT_FALSE(settled);
    EXPECT_THAT(settled.error().message(), HasSubstr("line 1: this is no record"));
}

TEST(RecordStream, nothing_follows_the_end_of_a_full_record) {
    RecordStream stream;
    ASSERT_TRUE(stream.feed(kHead + "@5 start\ntruncated\n"));
    ASSERT_TRUE(stream.settle());
    EXPECT_TRUE(stream.record().is_truncated);
    EXPECT_THAT(stream.take_steps(), SizeIs(1));
    (void)stream.feed("@6 time\n");
    EXPECT_FALSE(stream.settle());
}

} // namespace
} // namespace slipway
