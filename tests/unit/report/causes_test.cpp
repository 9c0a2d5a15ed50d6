// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/causes.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/record.h"

namespace slipway::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// The coldplug makes the kernel announce the disk; its look makes the root's device; then the root
// is mounted.
constexpr const char *kRecord = R"(slipway-record 1
goal switch-root
device_timeout 90000000
degraded_wait none
switch_grace 10000000
import_timeout 30000000
inspect_timeout 30000000
resource_timeout 600000000
question_timeout 300000000
units demo.toml -
|[plugin]
|name = "demo"
|library = "demo.so"
|abi = 1
|workers = 2
|
|[[claim]]
|match = { subsystem = "block" }
|
|[[unit]]
|name = "coldplug"
|kind = "job"
|wanted = "always"
|
|[[unit]]
|name = "sysroot"
|kind = "mount"
|device = "/dev/vda"
|requires = ["coldplug"]
|
|[[unit]]
|name = "switch-root"
|kind = "target"
|requires = ["sysroot"]
)";

Causes causes_of(const std::string &steps) {
    const auto record = parse_record(kRecord + steps);
    EXPECT_TRUE(record) << record.error().message();
    return record ? find_causes(*record) : Causes{};
}

std::vector<std::string> names(const Causes &causes, const std::vector<std::size_t> &chain) {
    std::vector<std::string> names;
    for (const std::size_t index : chain)
        names.push_back(causes.jobs.at(index).name);
    return names;
}

constexpr const char *kStart = "@1000000 start\n";
constexpr const char *kDevice = "@1100000 device /sys/block/vda subsystem=block devnode=/dev/vda\n";

TEST(Causes, ADeviceIsBroughtByTheJobThatIsAtWork) {
    const Causes causes = causes_of(std::string(kStart) + kDevice);
    const auto look = std::ranges::find(causes.jobs, "inspect:demo:vda", &CausedJob::name);
    ASSERT_NE(look, causes.jobs.end());
    EXPECT_EQ(look->start, Duration(1100000));
    EXPECT_EQ(look->cause.kind, CauseKind::device);
    EXPECT_EQ(look->cause.device, "vda");
    ASSERT_TRUE(look->cause.job);
    EXPECT_EQ(causes.jobs[*look->cause.job].name, "coldplug");
    EXPECT_FALSE(causes.end);
}

TEST(Causes, WhatRunsFromTheStartHasNoCauseButThat) {
    const Causes causes = causes_of(kStart);
    ASSERT_THAT(causes.jobs, Not(IsEmpty()));
    EXPECT_EQ(causes.jobs.front().cause.kind, CauseKind::start);
    EXPECT_EQ(causes.begin, Duration(1000000));
}

TEST(Causes, AUnitThatDidNotRunHasNoChain) {
    const Causes causes = causes_of(kStart);
    EXPECT_FALSE(critical_chain(causes, "sysroot"));
    EXPECT_THAT(names(causes, *critical_chain(causes, "coldplug")), ElementsAre("coldplug"));
    EXPECT_THAT(critical_chain(causes), IsEmpty());
}

TEST(Causes, TheChainLeadsFromTheEndOfTheBootToItsStart) {
    // Without knowing the numbers: the engine gives them in the order of the starts.
    const Causes causes = causes_of(std::string(kStart) + kDevice +
                                    "@1200000 finished 2 done -\npublished /sys/block/vda ready=1\n"
                                    "@1300000 finished 1 done -\n@1500000 finished 3 done -\n");
    ASSERT_TRUE(causes.end);
    EXPECT_TRUE(causes.is_booted);
    EXPECT_EQ(*causes.end, Duration(1500000));
    EXPECT_THAT(names(causes, critical_chain(causes)), ElementsAre("coldplug", "sysroot"));
}

} // namespace
} // namespace slipway::report
