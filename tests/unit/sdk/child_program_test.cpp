// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/child_program.h"

#include <gmock/gmock.h>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace slipway::sdk {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

ChildOptions shell(const std::string &words) {
    return {.argv = {"/bin/sh", "-c", words}, .has_output = true};
}

// All that it writes.
std::string output_of(const ChildProgram &program) {
    std::string text;
    std::array<char, 256> block{};
    while (true) {
        pollfd readable{program.output(), POLLIN, 0};
        EXPECT_EQ(::poll(&readable, 1, 20000), 1);
        const ssize_t size = ::read(program.output(), block.data(), block.size());
        if (size <= 0)
            return text;
        text.append(block.data(), static_cast<std::size_t>(size));
    }
}

TEST(ChildProgramTest, WhatItWritesCanBeRead) {
    auto program = ChildProgram::start(shell("echo one; echo two >&2; exit 3"));
    ASSERT_TRUE(program) << program.error().message();
    EXPECT_EQ(output_of(*program), "one\ntwo\n");
    EXPECT_EQ(program->reap(), "has ended with exit code 3");
}

TEST(ChildProgramTest, ASignalThatEndsItIsTold) {
    auto program = ChildProgram::start(shell("kill -9 $$"));
    ASSERT_TRUE(program);
    EXPECT_EQ(program->reap(), "was killed by signal 9");
}

TEST(ChildProgramTest, ItsEnvironmentIsTheParentsUnlessItHasItsOwn) {
    ASSERT_EQ(::setenv("SLIPWAY_TEST_WORD", "inherited", 1), 0);
    ChildOptions options = shell("echo $SLIPWAY_TEST_WORD $OTHER");
    options.environment = {"OTHER=added"};
    auto program = ChildProgram::start(options);
    ASSERT_TRUE(program);
    EXPECT_EQ(output_of(*program), "inherited added\n");
    options.inherits_environment = false;
    auto alone = ChildProgram::start(options);
    ASSERT_TRUE(alone);
    EXPECT_EQ(output_of(*alone), "added\n");
    ::unsetenv("SLIPWAY_TEST_WORD");
}

TEST(ChildProgramTest, OneThatIgnoresTheEndIsKilledWhenPatienceIsOver) {
    ChildOptions options = shell("trap '' TERM; echo ready; while :; do :; done");
    options.patience = 50ms;
    {
        auto program = ChildProgram::start(options);
        ASSERT_TRUE(program);
        std::array<char, 16> block{};
        pollfd readable{program->output(), POLLIN, 0};
        ASSERT_EQ(::poll(&readable, 1, 20000), 1);
        ASSERT_GT(::read(program->output(), block.data(), block.size()), 0);
    }
    // It was reaped: this process has no child any more.
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(ChildProgramTest, AProgramThatIsNotThereIsAnError) {
    const auto program = ChildProgram::start({.argv = {"/nonexistent/program"}});
    ASSERT_FALSE(program);
    EXPECT_THAT(program.error().message(), HasSubstr("start /nonexistent/program"));
}

TEST(ChildProgramTest, WithoutAWishThereIsNoOutput) {
    auto program = ChildProgram::start({.argv = {"/bin/true"}});
    ASSERT_TRUE(program);
    EXPECT_EQ(program->output(), -1);
    EXPECT_EQ(program->reap(), "has ended with exit code 0");
}

} // namespace
} // namespace slipway::sdk
