// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every folder of tests/sim/scenarios is a test. To accept what a changed engine decides, after
// reading it: SLIPWAY_ACCEPT=1 ctest -L sim, then look at git diff.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/simulator.h"

namespace slipway::sim {
namespace {

std::vector<std::string> scenario_names() {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(SLIPWAY_SCENARIOS))
        names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, DecidesAsExpected) {
    const std::string folder = std::string(SLIPWAY_SCENARIOS) + "/" + GetParam();
    const Scenario scenario = read_scenario(folder, SLIPWAY_SIM_UNITS);
    const std::string log = Simulator(scenario).play();
    EXPECT_THAT(log, ::testing::Not(::testing::HasSubstr("VIOLATION")));
    EXPECT_EQ(log, Simulator(scenario).play()) << "the same events gave another log";
    if (std::getenv("SLIPWAY_ACCEPT") != nullptr)
        std::ofstream(folder + "/expected.txt") << log;
    else
        EXPECT_EQ(log, scenario.expected);
}

std::string test_name(const ::testing::TestParamInfo<std::string> &info) {
    std::string name = info.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Sim, ScenarioTest, ::testing::ValuesIn(scenario_names()), test_name);

} // namespace
} // namespace slipway::sim
