// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/chain_links.h"

#include <gmock/gmock.h>

#include <format>

#include "unit/report/recorded_boots.h"

namespace slipway::report {
namespace {

using test::causes_of;
using test::disk;
using test::done;
using test::kDisk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "coldplug +200", "? Passphrase +100": milliseconds.
std::vector<std::string> words(const std::vector<ChainLink> &links) {
    std::vector<std::string> words;
    for (const ChainLink &link : links)
        words.push_back(std::format("{} +{}", link.is_person() ? "? " + link.asked : link.unit,
                                    link.length.count() / 1000));
    return words;
}

JobFinished looked_at() {
    JobFinished finished = done(2);
    finished.published = {{kDisk, {{"ready", "1"}}}};
    return finished;
}

// Events are a tenth of a second apart; job 3 mounts the root.
std::vector<Event> boot_that_asks(const std::vector<Event> &while_mounting) {
    std::vector<Event> events = {disk(), looked_at(), done(1)};
    events.insert(events.end(), while_mounting.begin(), while_mounting.end());
    events.emplace_back(done(3));
    return events;
}

std::vector<ChainLink> links_of_boot(const std::vector<Event> &while_mounting) {
    const Causes causes = causes_of(boot_that_asks(while_mounting));
    EXPECT_TRUE(causes.is_booted);
    return links_of(causes, critical_chain(causes));
}

TEST(ChainLinks, AQuestionIsALinkOfItsOwn) {
    const auto links =
        links_of_boot({PromptOpened{3, "Passphrase"}, TimePassed{}, TimePassed{}, PromptClosed{3}});
    EXPECT_THAT(words(links),
                ElementsAre("coldplug +300", "sysroot +100", "? Passphrase +300", "sysroot +100"));
    EXPECT_EQ(links[2].unit, "sysroot");
    EXPECT_EQ(links[2].cause.kind, CauseKind::job);
    EXPECT_EQ(links[3].cause.kind, CauseKind::person);
    EXPECT_EQ(asked_in(links), Duration(300000));
}

TEST(ChainLinks, EveryMomentIsInOneLink) {
    const auto links = links_of_boot(
        {PromptOpened{3, "one"}, PromptClosed{3}, PromptOpened{3, "two"}, PromptClosed{3}});
    for (std::size_t i = 1; i < links.size(); ++i)
        EXPECT_EQ(links[i].start, links[i - 1].start + links[i - 1].length) << i;
    EXPECT_EQ(asked_in(links), Duration(200000));
}

TEST(ChainLinks, WithoutAQuestionThereAreTheJobsAlone) {
    const auto links = links_of_boot({});
    EXPECT_THAT(words(links), ElementsAre("coldplug +300", "sysroot +100"));
    EXPECT_EQ(asked_in(links), Duration(0));
}

TEST(ChainLinks, AProgramOfAJobAsksForIt) {
    const auto links = links_of_boot({ForeignPromptOpened{7, 3, "PIN"}, ForeignPromptClosed{7}});
    EXPECT_THAT(words(links),
                ElementsAre("coldplug +300", "sysroot +100", "? PIN +100", "sysroot +100"));
}

TEST(ChainLinks, WhatIsAskedAfterTheNextJobHasStartedHeldNobodyUp) {
    Causes causes = causes_of(boot_that_asks({}));
    ASSERT_EQ(causes.jobs[2].name, "sysroot");
    causes.waits.push_back({.text = "late",
                            .start = causes.jobs[2].start,
                            .end = causes.jobs[2].start + Duration(50000),
                            .job = 0});
    EXPECT_THAT(words(links_of(causes, {0, 2})), ElementsAre("coldplug +300", "sysroot +100"));
    EXPECT_THAT(words(links_of(causes, {0})), ElementsAre("coldplug +300", "? late +0"))
        << "coldplug ends when the question is asked";
}

TEST(ChainLinks, WhatTheEngineAskedStandsBeforeTheJobThatTheAnswerStarted) {
    Causes causes;
    causes.jobs = {{.name = "first", .start = Duration(0), .end = Duration(1000000), .cause = {}},
                   {.name = "array",
                    .start = Duration(5000000),
                    .end = Duration(6000000),
                    .cause = {.kind = CauseKind::person, .job = 0, .wait = 0}}};
    causes.waits = {{.text = "Start it without the others?",
                     .start = Duration(2000000),
                     .end = Duration(5000000),
                     .cause = {.kind = CauseKind::time}}};
    const auto links = links_of(causes, {0, 1});
    EXPECT_THAT(words(links),
                ElementsAre("first +1000", "? Start it without the others? +3000", "array +1000"));
    EXPECT_EQ(links[1].unit, "");
    EXPECT_EQ(links[1].cause.kind, CauseKind::time);
}

TEST(ChainLinks, ABreakBeforeTheEndIsTheLastLink) {
    Causes causes;
    causes.jobs = {
        {.name = "sysroot", .start = Duration(0), .end = Duration(1000000), .cause = {}}};
    causes.waits = {{.text = "break pre-pivot, before the switch",
                     .start = Duration(1000000),
                     .end = Duration(5000000),
                     .cause = {.kind = CauseKind::job, .job = 0}}};
    causes.end = Duration(5000000);
    causes.last = {.kind = CauseKind::person, .job = 0, .wait = 0};
    EXPECT_THAT(words(links_of(causes, critical_chain(causes))),
                ElementsAre("sysroot +1000", "? break pre-pivot, before the switch +4000"));
}

TEST(ChainLinks, AQuestionThatNobodyAnsweredLastsToTheEndOfItsJob) {
    Causes causes;
    causes.jobs = {{.name = "crypt", .start = Duration(0), .end = Duration(9000000), .cause = {}}};
    causes.waits = {{.text = "", .start = Duration(1000000), .job = 0}};
    EXPECT_THAT(words(links_of(causes, {0})), ElementsAre("crypt +1000", "? ? +8000"));
}

BootTimeline timeline_of(const Causes &causes) {
    BootTimeline timeline{.kernel = causes.begin, .total = Duration(10000000), .steps = {}};
    for (const CausedJob &job : causes.jobs)
        timeline.steps.push_back({.unit = job.name,
                                  .plugin = "demo",
                                  .operation = "activate",
                                  .start = job.start - causes.begin,
                                  .length = job.end.value_or(job.start) - job.start,
                                  .prompt = Duration(0),
                                  .outcome = StepOutcome::done});
    return timeline;
}

TEST(NoteQuestions, AStepKnowsWhatItAskedAndWhen) {
    const Causes causes = causes_of(
        boot_that_asks({PromptOpened{3, "Pass\x1b[2Jphrase"}, ForeignPromptOpened{1, 3, "PIN"},
                        PromptClosed{3}, ForeignPromptClosed{1}}));
    BootTimeline timeline = timeline_of(causes);
    ASSERT_TRUE(note_questions(causes, timeline));
    EXPECT_THAT(timeline.steps[0].questions, IsEmpty());
    const Step &root = timeline.steps[2];
    ASSERT_EQ(root.questions.size(), 2U);
    EXPECT_EQ(root.questions[0].text, "Pass?[2Jphrase");
    EXPECT_EQ(root.questions[0].start, Duration(400000));
    EXPECT_EQ(root.questions[0].length, Duration(200000));
    EXPECT_EQ(root.prompt, Duration(300000)) << "both at a time count once";
}

TEST(NoteQuestions, ARecordOfAnotherBootChangesNothing) {
    const Causes causes = causes_of(boot_that_asks({PromptOpened{3, "x"}, PromptClosed{3}}));
    BootTimeline timeline = timeline_of(causes);
    timeline.steps.pop_back();
    EXPECT_FALSE(note_questions(causes, timeline));
    EXPECT_EQ(timeline.steps[0].prompt, Duration(0));
}

} // namespace
} // namespace slipway::report
