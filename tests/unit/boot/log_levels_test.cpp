// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/log_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
    LogLevels levels;
    std::vector<std::string> problems;
};

Read read(std::string_view text) {
    Read result;
    result.levels.read(KernelCommandLine::parse(text), result.problems);
    return result;
}

bool admits(const LogLevels &levels, LogLevel level, const std::string &source = "") {
    return levels.admit({level, "text", source});
}

TEST(LogLevels, AdmitWhatIsUrgentEnough) {
    const auto [levels, problems] = read("quiet");
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_TRUE(admits(levels, LogLevel::info, "luks"));
    EXPECT_FALSE(admits(levels, LogLevel::debug, "luks"));
}

TEST(LogLevels, APluginMayHaveItsOwn) {
    const auto [levels, problems] = read("rd.slipway.log=luks:debug,net:warning");
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_THAT(levels.plugins(), ElementsAre("luks", "net"));
    EXPECT_TRUE(admits(levels, LogLevel::debug, "luks"));
    EXPECT_FALSE(admits(levels, LogLevel::info, "net"));
    EXPECT_TRUE(admits(levels, LogLevel::warning, "net"));
    EXPECT_FALSE(admits(levels, LogLevel::debug, "lvm"));
    EXPECT_FALSE(admits(levels, LogLevel::debug));
}

TEST(LogLevels, TheLastWordCounts) {
    const auto [levels, problems] =
        read("rd.slipway.log=luks:debug rd.slipway.log=debug,luks:error");
    EXPECT_TRUE(admits(levels, LogLevel::debug, "lvm"));
    EXPECT_FALSE(admits(levels, LogLevel::warning, "luks"));
}

TEST(LogLevels, WhatIsNoLevelIsAProblem) {
    for (const std::string word : {"loud", "luks:", ":debug", "luks:7", "luks=debug"}) {
        const auto [levels, problems] = read("rd.slipway.log=" + word);
        EXPECT_THAT(problems, SizeIs(1)) << word;
        EXPECT_THAT(levels.plugins(), IsEmpty()) << word;
    }
    EXPECT_THAT(read("rd.slipway.log=\"a\033:b\"").problems.at(0), testing::Not(HasSubstr("\033")));
    EXPECT_THAT(read("rd.slipway.log rd.slipway.log= rd.slipway.log=,").problems, IsEmpty());
}

} // namespace
} // namespace slipway
