// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/record.h"

#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kHead = "slipway-record 1\n";

// The lines of the step that this event becomes.
std::string lines_of(const Event &event) {
    Recorder recorder({}, {});
    const std::size_t begin = recorder.text().size();
    recorder.handled(Duration(7), event, {});
    return recorder.text().substr(begin);
}

// Reads the lines of one step and writes what came of it again.
std::string rewritten(const std::string &lines) {
    const auto record = parse_record(kHead + "@1 start\n" + lines);
    EXPECT_TRUE(record) << record.error().message();
    if (!record || record->steps.size() != 2 || !record->steps[1].event)
        return "not one step";
    return lines_of(*record->steps[1].event);
}

std::string problem_of(const std::string &text) {
    const auto record = parse_record(text);
    return record ? "no problem" : record.error().message();
}

JobFinished finished() {
    JobFinished event;
    event.job = 4;
    event.outcome = JobOutcome::incomplete;
    event.reason = "a % of\nwhat";
    event.missing = {"sda", ""};
    event.published = {{"/sys/devices/a b", {{"k=1", "v=2 %"}, {"links", "/dev/x\n/dev/y"}}},
                       {"/sys/devices/c", {}}};
    event.memberships = {{"vg@u", "vg0", 2, {"/dev/mapper/a", "-"}}, {"md@u", "", 0, {}}};
    event.units = {"[[unit]]\nname = \"x\"\n", ""};
    return event;
}

// Each with the whole of what it must look like: that a field is lost on both ways would not show
// in what comes back.
const std::vector<std::pair<Event, std::string>> kEvents = {
    {DeviceChanged{"/sys/devices/vda", {{"devnode", "/dev/vda"}, {"empty", ""}}},
     "@7 device /sys/devices/vda devnode=/dev/vda empty=\n"},
    {DeviceGone{"/sys/devices/\xc3\xa9"}, "@7 gone /sys/devices/%C3%A9\n"},
    {finished(), "@7 finished 4 incomplete a%20%25%20of%0Awhat\n"
                 "missing sda\nmissing -\n"
                 "published /sys/devices/a%20b k%3D1=v=2%20%25 links=/dev/x%0A/dev/y\n"
                 "published /sys/devices/c\n"
                 "member vg@u vg0 2 /dev/mapper/a %2D\nmember md@u - 0\n"
                 "unit\n|[[unit]]\n|name = \"x\"\n|\nunit\n|\n"},
    {PromptOpened{3, "Passphrase for x", 8}, "@7 asks 3 Passphrase%20for%20x 8\n"},
    {PromptOpened{3, "Passphrase for x"}, "@7 asks 3 Passphrase%20for%20x\n"},
    {PromptClosed{3}, "@7 answered 3\n"},
    {TimePassed{}, "@7 time\n"},
    {RetryFailed{}, "@7 retry-all\n"},
    {ServiceReady{5, {}}, "@7 ready 5\n"},
    {ServiceReady{5, {{"/sys/eth0", {{"a", "b"}, {"c", "d"}}}}},
     "@7 ready 5\npublished /sys/eth0 a=b c=d\n"},
    {QuestionAnswered{2, true}, "@7 replied 2 yes\n"},
    {QuestionAnswered{2, false}, "@7 replied 2 no\n"},
    {ResourceRequested{6, "memory", UINT64_MAX}, "@7 acquires 6 memory 18446744073709551615\n"},
    {ResourceReleased{6}, "@7 releases 6\n"},
    {ForeignPromptOpened{3, 6, "Password for x", 9, "ask.x y"},
     "@7 foreign-asks 3 6 Password%20for%20x 9 ask.x%20y\n"},
    {ForeignPromptOpened{3, 6, "Password for x"}, "@7 foreign-asks 3 6 Password%20for%20x\n"},
    {ForeignPromptClosed{3}, "@7 foreign-answered 3\n"},
    {UserCommand{UserCommand::Verb::set_deadline, "sysroot", Duration(12)},
     "@7 command set_deadline sysroot 12\n"},
    {BreakContinued{"pre-mount"}, "@7 continue pre-mount\n"},
    {JobProgressed{4, "50 %"}, "@7 progress 4 50%20%25\n"},
    {UserCommand{UserCommand::Verb::skip, "a", Duration(0)}, "@7 command skip a 0\n"},
};

TEST(Record, EveryEventIsWrittenAndReadBack) {
    std::set<std::size_t> alternatives;
    for (const auto &[event, lines] : kEvents) {
        alternatives.insert(event.index());
        EXPECT_EQ(lines_of(event), lines);
        EXPECT_EQ(rewritten(lines), lines);
    }
    EXPECT_THAT(alternatives, SizeIs(std::variant_size_v<Event>)) << "an event is not tested";
}

TEST(Record, TheConfigurationIsWrittenAndReadBack) {
    EngineConfig config;
    config.goal = "other";
    config.imports = {{"fs", {}}, {"luks", {{"file", "/etc/crypttab"}, {"text", "a b\nc\n"}}}};
    config.broken_units = {{"bad unit", "x.toml:5: no = key"}};
    config.device_timeout = std::nullopt;
    config.options = {{"root", "UUID=1"}, {"quiet", "1"}};
    config.resources = {{"cpu", 4}, {"memory", 1U << 20U}};
    config.breaks = {"mount", "a b"};
    config.degraded_wait = Duration(2);
    config.switch_grace = Duration(3);
    config.import_timeout = Duration(4);
    config.inspect_timeout = Duration(5);
    config.resource_timeout = Duration(6);
    config.question_timeout = Duration(7);
    config.seed = 8;
    const std::vector<UnitSource> units = {{"/a.toml", "x\n\n|y %", ""}, {"/b.toml", "", "fs"}};
    const std::string text = Recorder(config, units).text();
    EXPECT_EQ(text,
              kHead +
                  "goal other\ndevice_timeout none\ndegraded_wait 2\nswitch_grace 3\n"
                  "import_timeout 4\ninspect_timeout 5\nresource_timeout 6\nquestion_timeout 7\n"
                  "seed 8\n"
                  "option quiet=1\noption root=UUID=1\n"
                  "resource cpu 4\nresource memory 1048576\n"
                  "break mount\nbreak a%20b\n"
                  "broken bad%20unit=x.toml:5:%20no%20=%20key\n"
                  "import fs\nimport luks file=/etc/crypttab text=a%20b%0Ac%0A\n"
                  "units /a.toml -\n|x\n|\n||y %25\nunits /b.toml fs\n|\n");
    const auto record = parse_record(text);
    ASSERT_TRUE(record) << record.error().message();
    EXPECT_EQ(Recorder(record->config, record->units).text(), text);
    EXPECT_EQ(Recorder({}, {}).text(),
              Recorder(parse_record(Recorder({}, {}).text())->config, {}).text());
}

TEST(Record, DecisionsFollowTheirStep) {
    Recorder recorder({}, {});
    StartJob start;
    start.job = 1;
    start.unit = "sysroot";
    recorder.started(Duration(1), {start, ArmTimer{Duration(9)}});
    recorder.handled(Duration(2), TimePassed{}, {CancelJob{1, "50 %"}, EnterEmergency{"a\n  b\n"}});
    EXPECT_THAT(recorder.text(), EndsWith("@1 start\n> start sysroot\n> timer 9\n"
                                          "@2 time\n> cancel sysroot: 50 %25\n> emergency\n|a\n"
                                          "|  b\n|\n"));
    const auto record = parse_record(recorder.text());
    ASSERT_TRUE(record) << record.error().message();
    ASSERT_THAT(record->steps, SizeIs(2));
    EXPECT_THAT(record->steps[0].decisions, ElementsAre("start sysroot", "timer 9"));
    EXPECT_THAT(record->steps[1].decisions,
                ElementsAre("cancel sysroot: 50 %", "emergency\na\n  b\n"));
    EXPECT_EQ(record->steps[1].when, Duration(2));
    EXPECT_FALSE(record->is_truncated);
}

TEST(Record, BeyondItsLimitItEndsWithAWholeStepAndSaysSo) {
    const std::size_t head = Recorder({}, {}).text().size();
    Recorder recorder({}, {}, head + 40);
    recorder.started(Duration(1), {});
    recorder.handled(Duration(2), DeviceGone{std::string(50, 'x')}, {});
    recorder.handled(Duration(3), TimePassed{}, {});
    EXPECT_EQ(recorder.text().substr(head), "@1 start\ntruncated\n");
    const auto record = parse_record(recorder.text());
    ASSERT_TRUE(record) << record.error().message();
    EXPECT_TRUE(record->is_truncated);
    EXPECT_THAT(record->steps, SizeIs(1));
}

TEST(Record, WhatIsMalformedIsNamedWithItsLine) {
    const std::string start = kHead + "@5 start\n";
    EXPECT_THAT(problem_of(""), HasSubstr("line 1: this is no record of slipway"));
    EXPECT_THAT(problem_of("slipway-record 2\n"), HasSubstr("version 1"));
    EXPECT_EQ(problem_of(kHead + "gaol x\n"), "line 2: unknown key \"gaol\"");
    EXPECT_EQ(problem_of(kHead + "goal\n"), "line 2: no unit");
    EXPECT_EQ(problem_of(kHead + "goal a b\n"), "line 2: more words than belong there");
    EXPECT_EQ(problem_of(kHead + "goal a\n|b\n"), "line 2: text where none belongs");
    EXPECT_EQ(problem_of(kHead + "option a\n"), "line 2: option must be KEY=VALUE");
    EXPECT_EQ(problem_of(kHead + "\n"), "line 2: no key");
    EXPECT_EQ(problem_of(kHead + "units a -\n|b%2\n|c\n"),
              "line 2: a '%' in the text below must be followed by two hexadecimal digits");
    EXPECT_EQ(problem_of(kHead + "> start a\n"), "line 2: a decision before the first step");
    EXPECT_EQ(problem_of(kHead + "@1 time\n"), "line 2: the first step must be \"start\"");
    EXPECT_EQ(problem_of(start + "@6 start\n"), "line 3: only the first step is \"start\"");
    EXPECT_EQ(problem_of(start + "@4 time\n"), "line 3: the time goes back");
    EXPECT_THAT(problem_of(start + "@-6 time\n"), HasSubstr("line 3: time must be a number"));
    EXPECT_THAT(problem_of(start + "@99999999999999999 time\n"), HasSubstr("time must be"));
    EXPECT_EQ(problem_of(start + "@6 tame\n"), "line 3: unknown event \"tame\"");
    EXPECT_EQ(problem_of(start + "@6 time \n"), "no problem");
    EXPECT_EQ(problem_of(start + "@6  time\n"), "line 3: no event");
    EXPECT_THAT(problem_of(start + "@6 ready 4294967296\n"), HasSubstr("job must be a number"));
    EXPECT_EQ(problem_of(start + "@6 finished 1 dead x\n"), "line 3: unknown outcome \"dead\"");
    EXPECT_EQ(problem_of(start + "@6 gone %zz\n"),
              "line 3: a '%' must be followed by two hexadecimal digits");
    EXPECT_EQ(problem_of(start + "@6 time\nmissing x\n"),
              "line 4: \"missing\" belongs below \"finished\"");
    EXPECT_EQ(problem_of(start + "@6 finished 1 done -\nunit\n@7 time\n"), "line 4: no text");
    EXPECT_EQ(problem_of(start + "goal x\n"), "line 3: unknown word \"goal\"");
    EXPECT_EQ(problem_of(start + "truncated\n@7 time\n"),
              "line 4: nothing may follow \"truncated\"");
}

TEST(Record, ACutOrBrokenRecordNeverBreaksTheReader) {
    Recorder recorder({}, {{"a.toml", "x\ny", ""}});
    recorder.started(Duration(1), {LogMessage{LogLevel::info, "a"}});
    for (const auto &[event, lines] : kEvents)
        recorder.handled(Duration(7), event, {EnterEmergency{"why\n"}});
    const std::string &whole = recorder.text();
    EXPECT_TRUE(parse_record(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        (void)parse_record(whole.substr(0, size));
        std::string changed = whole;
        changed[size] = static_cast<char>(changed[size] ^ 0x55);
        (void)parse_record(changed);
        changed[size] = '\n';
        (void)parse_record(changed);
    }
}

} // namespace
} // namespace slipway
