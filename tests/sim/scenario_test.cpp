// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every folder of tests/sim/scenarios is a test. To accept what a changed engine decides, after
// reading it: SLIPWAY_ACCEPT=1 ctest -L sim, then look at git diff.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/replay.h"
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

void expect_same(const std::string &text, const std::string &expected, const std::string &file) {
    if (std::getenv("SLIPWAY_ACCEPT") != nullptr)
        std::ofstream(file) << text;
    else
        EXPECT_EQ(text, expected) << file;
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, DecidesAsExpected) {
    const std::string folder = std::string(SLIPWAY_SCENARIOS) + "/" + GetParam();
    const Scenario scenario = read_scenario(folder, SLIPWAY_SIM_UNITS);
    Simulator simulator(scenario);
    const std::string log = simulator.play();
    EXPECT_THAT(log, ::testing::Not(::testing::HasSubstr("VIOLATION")));
    EXPECT_EQ(log, Simulator(scenario).play()) << "the same events gave another log";
    expect_same(log, scenario.expected, folder + "/expected.txt");
    if (scenario.record)
        expect_same(simulator.recorded(), *scenario.record, folder + "/record.txt");
}

// What a console says of a stuck boot within three seconds: the headline, the hint, and what is
// told above a prompt, of the scenario's first "why".
std::string told_within_three_seconds(const std::string &log) {
    std::istringstream lines(log);
    std::string line;
    std::string told;
    while (std::getline(lines, line)) {
        const bool is_why = line.contains(" why: ") && std::stod(line) <= 3.0;
        const bool is_more = line.starts_with("hint: ") || line.starts_with("aside: ");
        if (is_why && told.empty())
            told = line + "\n";
        else if (!told.empty() && is_more)
            told += line + "\n";
        else if (!told.empty())
            return told;
    }
    return told;
}

// Those with missing.txt: each of its lines is a thing that is really missing there.
class StuckScenarioTest : public ::testing::TestWithParam<std::string> {};

std::vector<std::string> stuck_scenario_names() {
    std::vector<std::string> names = scenario_names();
    std::erase_if(names, [](const std::string &name) {
        return !std::filesystem::exists(std::string(SLIPWAY_SCENARIOS) + "/" + name +
                                        "/missing.txt");
    });
    return names;
}

TEST_P(StuckScenarioTest, SaysInTimeWhatIsMissing) {
    const std::string folder = std::string(SLIPWAY_SCENARIOS) + "/" + GetParam();
    std::ifstream missing(folder + "/missing.txt");
    ASSERT_TRUE(missing);
    const Scenario scenario = read_scenario(folder, SLIPWAY_SIM_UNITS);
    const std::string told = told_within_three_seconds(Simulator(scenario).play());
    std::string what;
    while (std::getline(missing, what))
        EXPECT_THAT(told, ::testing::HasSubstr(what));
}

TEST_P(ScenarioTest, TheRecordDecidesTheSameAgain) {
    const Scenario scenario =
        read_scenario(std::string(SLIPWAY_SCENARIOS) + "/" + GetParam(), SLIPWAY_SIM_UNITS);
    Simulator simulator(scenario);
    const std::string log = simulator.play();
    const auto record = parse_record(simulator.recorded());
    ASSERT_TRUE(record) << record.error().message();
    Replay replay(*record);
    replay.run();
    ASSERT_FALSE(replay.difference())
        << "recorded: " << replay.difference()->recorded.value_or("nothing")
        << "\nreplayed: " << replay.difference()->replayed.value_or("nothing");
    EXPECT_TRUE(log.ends_with("---\n" + replay.engine().dump()));
}

std::string test_name(const ::testing::TestParamInfo<std::string> &info) {
    std::string name = info.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Sim, ScenarioTest, ::testing::ValuesIn(scenario_names()), test_name);
INSTANTIATE_TEST_SUITE_P(Sim, StuckScenarioTest, ::testing::ValuesIn(stuck_scenario_names()),
                         test_name);

} // namespace
} // namespace slipway::sim
