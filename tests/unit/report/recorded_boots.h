// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/record.h"
#include "report/causes.h"
#include "unit/unit_catalog.h"

// Records of small boots, for the tests of what tells of finished ones.
namespace slipway::report::test {

// The coldplug makes the kernel announce the disk, which is looked at; then the root is mounted.
inline constexpr const char *kUnits = R"(
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
inline Record record_of(const std::vector<Event> &events) {
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

inline Causes causes_of(const std::vector<Event> &events) {
    const auto causes = find_causes(record_of(events));
    EXPECT_TRUE(causes) << causes.error().message();
    return causes.value_or(Causes{});
}

inline std::vector<std::string> names(const Causes &causes, const std::vector<std::size_t> &chain) {
    std::vector<std::string> names;
    for (const std::size_t index : chain)
        names.push_back(causes.jobs.at(index).name);
    return names;
}

inline constexpr const char *kDisk = "/sys/block/vda";

inline DeviceChanged disk() {
    return {kDisk, {{"subsystem", "block"}, {"devnode", "/dev/vda"}}};
}

inline JobFinished done(JobId job) {
    JobFinished finished;
    finished.job = job;
    finished.outcome = JobOutcome::done;
    return finished;
}

} // namespace slipway::report::test
