// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/causes.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/engine.h"
#include "engine/record.h"
#include "unit/unit_catalog.h"

namespace slipway::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The coldplug makes the kernel announce the disk, which is looked at; then the root is mounted.
constexpr const char *kUnits = R"(
[plugin]
name = "demo"
library = "demo.so"
abi = 1
workers = 2

[[claim]]
match = { subsystem = "block" }

[[unit]]
name = "coldplug"
kind = "job"
wanted = "always"

[[unit]]
name = "sysroot"
kind = "mount"
device = "/dev/vda"
requires = ["coldplug"]

[[unit]]
name = "switch-root"
kind = "target"
requires = ["sysroot"]
)";

// A boot in which these things happen, a tenth of a second apart; times begin at one second.
Record record_of(const std::vector<Event> &events) {
    const std::vector<UnitSource> sources = {{.file = "demo.toml", .text = kUnits}};
    const EngineConfig config;
    Engine engine(make_catalog(sources).set, config);
    Recorder recorder(config, sources);
    Duration now(1000000);
    recorder.started(now, engine.start(now));
    for (const Event &event : events) {
        now += Duration(100000);
        recorder.handled(now, event, engine.handle(now, event));
    }
    const auto record = parse_record(recorder.text());
    EXPECT_TRUE(record) << record.error().message();
    return record.value_or(Record{});
}

Causes causes_of(const std::vector<Event> &events) {
    const auto causes = find_causes(record_of(events));
    EXPECT_TRUE(causes) << causes.error().message();
    return causes.value_or(Causes{});
}

std::vector<std::string> names(const Causes &causes, const std::vector<std::size_t> &chain) {
    std::vector<std::string> names;
    for (const std::size_t index : chain)
        names.push_back(causes.jobs.at(index).name);
    return names;
}

constexpr const char *kDisk = "/sys/block/vda";

DeviceChanged disk() {
    return {kDisk, {{"subsystem", "block"}, {"devnode", "/dev/vda"}}};
}

JobFinished done(JobId job) {
    JobFinished finished;
    finished.job = job;
    finished.outcome = JobOutcome::done;
    return finished;
}

TEST(Causes, ADeviceIsBroughtByTheJobThatIsAtWork) {
    const Causes causes = causes_of({disk()});
    const auto look = std::ranges::find(causes.jobs, "inspect /dev/vda", &CausedJob::name);
    ASSERT_NE(look, causes.jobs.end());
    EXPECT_EQ(look->start, Duration(1100000));
    EXPECT_EQ(look->cause.kind, CauseKind::device);
    EXPECT_EQ(look->cause.device, "vda");
    ASSERT_TRUE(look->cause.job);
    EXPECT_EQ(causes.jobs[*look->cause.job].name, "coldplug");
    EXPECT_FALSE(causes.end);
}

TEST(Causes, WhatRunsFromTheStartHasNoCauseButThat) {
    const Causes causes = causes_of({});
    ASSERT_THAT(causes.jobs, Not(IsEmpty()));
    EXPECT_EQ(causes.jobs.front().cause.kind, CauseKind::start);
    EXPECT_EQ(causes.begin, Duration(1000000));
}

TEST(Causes, AUnitThatDidNotRunHasNoChain) {
    const Causes causes = causes_of({});
    EXPECT_FALSE(critical_chain(causes, "sysroot"));
    ASSERT_TRUE(critical_chain(causes, "coldplug"));
    EXPECT_THAT(names(causes, *critical_chain(causes, "coldplug")), ElementsAre("coldplug"));
    EXPECT_THAT(critical_chain(causes), IsEmpty());
}

TEST(Causes, TheChainLeadsFromTheEndOfTheBootToItsStart) {
    JobFinished looked = done(2);
    looked.published = {{kDisk, {{"ready", "1"}}}};
    const Causes causes = causes_of({disk(), looked, done(1), done(3)});
    ASSERT_TRUE(causes.end);
    EXPECT_TRUE(causes.is_booted);
    EXPECT_EQ(*causes.end, Duration(1400000));
    EXPECT_THAT(names(causes, critical_chain(causes)), ElementsAre("coldplug", "sysroot"));
}

TEST(Causes, ARecordOfOtherDecisionsIsRefused) {
    Record record = record_of({disk()});
    ASSERT_THAT(record.steps.back().decisions, Not(IsEmpty()));
    record.steps.back().decisions.front() += "-not";
    const auto causes = find_causes(record);
    ASSERT_FALSE(causes);
    EXPECT_THAT(causes.error().message(), HasSubstr("something else"));
}

} // namespace
} // namespace slipway::report
