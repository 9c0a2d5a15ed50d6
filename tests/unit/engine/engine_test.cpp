// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a scenario folder (tests/sim) cannot say: wrong and late answers, and the order of actions.
#include "engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/unit_loader.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

UnitSet units(const std::string &text) {
    auto loaded = load_units({{"x.toml", text}});
    EXPECT_THAT(loaded.problems, IsEmpty());
    return loaded.set;
}

const std::string kJobOnly =
    "[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
    "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\nwanted = \"never\"\n"
    "requires = [\"work\"]\n"
    "[[unit]]\nname = \"work\"\nkind = \"job\"\nretries = 1\nbackoff = \"2s\"\n";

template <class T>
std::vector<T> only(const std::vector<Action> &actions) {
    std::vector<T> found;
    for (const Action &action : actions) {
        if (const auto *value = std::get_if<T>(&action))
            found.push_back(*value);
    }
    return found;
}

JobFinished finished(JobId job, JobOutcome outcome, std::string reason = "") {
    JobFinished event;
    event.job = job;
    event.outcome = outcome;
    event.reason = std::move(reason);
    return event;
}

TEST(Engine, AnAnswerOfAnUnknownJobIsIgnored) {
    Engine engine(units(kJobOnly), {});
    (void)engine.start(Duration(0));
    EXPECT_THAT(engine.handle(Duration(1), finished(99, JobOutcome::done)), IsEmpty());
}

TEST(Engine, WhatIsSaidOfUnknownJobsAndQuestionsIsIgnored) {
    Engine engine(units(kJobOnly), {});
    (void)engine.start(Duration(0));
    const std::vector<Event> events = {PromptOpened{99, "x"},  PromptClosed{99},
                                       ServiceReady{99, {}},   QuestionAnswered{99, true},
                                       ResourceReleased{99},   ResourceRequested{99, "memory", 1},
                                       ForeignPromptClosed{99}};
    for (const Event &event : events)
        EXPECT_THAT(engine.handle(Duration(1), event), IsEmpty()) << event.index();
}

TEST(Engine, AQuestionTakesItsNumberAlsoWhenNobodyIsKnownToAskIt) {
    Engine engine(units(kJobOnly), {});
    (void)engine.start(Duration(0));
    EXPECT_EQ(engine.next_question(), 1U);
    (void)engine.handle(Duration(1), PromptOpened{99, "x", 1});
    EXPECT_EQ(engine.next_question(), 2U);
    (void)engine.handle(Duration(2), ForeignPromptOpened{1, 0, "x", 7, "ask.x"});
    (void)engine.handle(Duration(3), PromptOpened{99, "x", 3});
    EXPECT_EQ(engine.next_question(), 8U) << "a number is never used again";
    (void)engine.handle(Duration(4), PromptOpened{99, "x"});
    EXPECT_EQ(engine.next_question(), 8U) << "what an old record says decides as it did";
}

TEST(Engine, ADeviceInTheMomentInWhichItsDeadlineIsOverCounts) {
    Engine engine(units(kJobOnly + "device = \"UUID=1\"\ndevice_timeout = \"5s\"\n"), {});
    (void)engine.start(Duration(0));
    const auto actions = engine.handle(std::chrono::seconds(5),
                                       DeviceChanged{"/sys/a", {{"ready", "1"}, {"fs_uuid", "1"}}});
    EXPECT_EQ(only<StartJob>(actions).size(), 1U);
    EXPECT_TRUE(only<EnterEmergency>(actions).empty());
}

TEST(Engine, ASecondAnswerOfTheSameJobIsIgnored) {
    Engine engine(units(kJobOnly), {});
    const auto started = only<StartJob>(engine.start(Duration(0)));
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(
        only<EnterRealRoot>(engine.handle(Duration(1), finished(started[0].job, JobOutcome::done)))
            .size(),
        1U);
    EXPECT_THAT(engine.handle(Duration(2), finished(started[0].job, JobOutcome::failed)),
                IsEmpty());
}

TEST(Engine, ARetryComesAfterItsBackoffAndOnlyAsOftenAsAllowed) {
    Engine engine(units(kJobOnly), {});
    const auto first = only<StartJob>(engine.start(Duration(0)));
    auto actions =
        engine.handle(Duration(1'000'000), finished(first[0].job, JobOutcome::retry, "busy"));
    EXPECT_THAT(only<StartJob>(actions), IsEmpty());
    ASSERT_EQ(only<ArmTimer>(actions).size(), 1U);
    EXPECT_EQ(only<ArmTimer>(actions)[0].when, Duration(3'000'000));
    const auto second = only<StartJob>(engine.handle(Duration(3'000'000), TimePassed{}));
    ASSERT_EQ(second.size(), 1U);
    actions =
        engine.handle(Duration(4'000'000), finished(second[0].job, JobOutcome::retry, "busy"));
    ASSERT_EQ(only<EnterEmergency>(actions).size(), 1U);
    EXPECT_THAT(only<EnterEmergency>(actions)[0].why, HasSubstr("work failed: busy"));
}

TEST(Engine, ADumpIsTheSameForTheSameEvents) {
    Engine one(units(kJobOnly), {});
    Engine two(units(kJobOnly), {});
    (void)one.start(Duration(0));
    (void)two.start(Duration(0));
    EXPECT_EQ(one.dump(), two.dump());
    EXPECT_THAT(one.dump(), HasSubstr("unit work: running, wanted"));
}

TEST(Engine, WhyNamesTheRunningJob) {
    Engine engine(units(kJobOnly), {});
    (void)engine.start(Duration(0));
    EXPECT_THAT(engine.why(), HasSubstr("work is running"));
}

TEST(Engine, WithoutUnitsTheEmergencySaysThatTheImageLacksThem) {
    Engine engine({}, {});
    const auto emergencies = only<EnterEmergency>(engine.start(Duration(0)));
    ASSERT_EQ(emergencies.size(), 1U);
    EXPECT_THAT(emergencies[0].why, HasSubstr("switch-root"));
}

TEST(Engine, AGoneDeviceIsNoMemberAnyMore) {
    Engine engine(units("[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
                        "[[claim]]\nmatch = { t = \"m\" }\nunit = \"g@x\"\nmembers = 2\n"
                        "[[unit]]\nname = \"g@\"\nkind = \"assembly\"\n"
                        "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\nwanted = \"never\"\n"
                        "requires = [\"g@x\"]\n[[unit]]\nname = \"g@x\"\n"),
                  {});
    (void)engine.start(Duration(0));
    (void)engine.handle(Duration(1), DeviceChanged{"/sys/a", {{"t", "m"}}});
    (void)engine.handle(Duration(2), DeviceGone{"/sys/a"});
    const auto actions = engine.handle(Duration(3), DeviceChanged{"/sys/b", {{"t", "m"}}});
    EXPECT_THAT(only<StartJob>(actions), IsEmpty());
    EXPECT_THAT(engine.dump(), Not(HasSubstr("member /sys/a")));
    EXPECT_EQ(
        only<StartJob>(engine.handle(Duration(4), DeviceChanged{"/sys/a", {{"t", "m"}}})).size(),
        1U);
}

// What the last run missed is told once, and not any more when it may be what has come since.
TEST(Engine, WhyNamesThePlacesThatNoMemberTakes) {
    using std::chrono::seconds;
    const std::string places = "slot 0\nslot 1\nslot 2";
    Engine engine(units("[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
                        "[[claim]]\nmatch = { t = \"m\" }\nunit = \"g@x\"\nmembers = 3\n"
                        "[[unit]]\nname = \"g@\"\nkind = \"assembly\"\n"
                        "degraded = { wait = \"1s\", then = \"start\" }\n"
                        "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\nwanted = \"never\"\n"
                        "requires = [\"g@x\"]\n[[unit]]\nname = \"g@x\"\n"),
                  {});
    (void)engine.start(Duration(0));
    (void)engine.handle(
        Duration(1),
        DeviceChanged{"/sys/a", {{"t", "m"}, {"place", "slot 1"}, {"places", places}}});
    EXPECT_THAT(engine.why(), HasSubstr("missing: slot 0\n    missing: slot 2\n"));
    EXPECT_THAT(engine.headline(),
                HasSubstr("1 of 3 members are there, slot 0, slot 2 are missing;"));
    const auto started = only<StartJob>(engine.handle(seconds(2), TimePassed{}));
    ASSERT_EQ(started.size(), 1U);
    JobFinished incomplete = finished(started[0].job, JobOutcome::incomplete, "too few");
    incomplete.missing = {"slot 0", "slot 2", "a key"};
    (void)engine.handle(seconds(3), incomplete);
    EXPECT_THAT(engine.why(),
                HasSubstr("missing: slot 0\n    missing: slot 2\n    missing: a key\n"));
    (void)engine.handle(
        seconds(4), DeviceChanged{"/sys/b", {{"t", "m"}, {"place", "slot 2"}, {"places", places}}});
    EXPECT_THAT(engine.why(), HasSubstr("missing: slot 0\n"));
    EXPECT_THAT(engine.why(), Not(HasSubstr("missing: slot 2")));
}

TEST(Engine, AWaitThatAPersonHadBeginAnewSaysWhen) {
    using std::chrono::seconds;
    Engine engine(units(kJobOnly + "device = \"UUID=1\"\ndevice_timeout = \"5s\"\n"), {});
    (void)engine.start(Duration(0));
    EXPECT_EQ(engine.waiting().begun_anew, Duration(0));
    (void)engine.handle(
        seconds(3),
        UserCommand{.verb = UserCommand::Verb::set_deadline, .unit = "work", .time = seconds(60)});
    EXPECT_EQ(engine.waiting().begun_anew, seconds(3));
    ASSERT_FALSE(only<EnterEmergency>(engine.handle(seconds(63), TimePassed{})).empty());
    (void)engine.handle(seconds(70), RetryFailed{});
    EXPECT_EQ(engine.waiting().begun_anew, seconds(70)) << "another try after a shell";
    EXPECT_THAT(engine.waiting(seconds(72)).headline, HasSubstr("; 3 s left"));
}

} // namespace
} // namespace slipway
