// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/debug_shell.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::Contains;
using testing::SizeIs;

class DebugShellTest : public testing::Test {
protected:
    void start() {
        shell_.start({.path = "/bin/sh", .arguments = {"sh"}, .environment = {}}, "/dev/tty9");
    }
    void ends(pid_t process, int status = 0) {
        loop_.child_exited(process, {.pid = process, .code = CLD_EXITED, .status = status});
    }

    test::FakeEventLoop loop_;
    test::FakeSystem system_;
    Log log_;
    DebugShell shell_{system_, loop_, log_};
};

TEST_F(DebugShellTest, ComesBackWhenItWasLeft) {
    start();
    EXPECT_THAT(system_.calls, Contains("spawn /dev/tty9"));
    ends(1001);
    EXPECT_THAT(system_.executed, SizeIs(1));
    loop_.advance(DebugShell::kPause);
    EXPECT_THAT(system_.executed, SizeIs(2));
}

TEST_F(DebugShellTest, GivesUpOnATerminalThatCannotBeUsed) {
    start();
    ends(1001, System::kTerminalUnusable);
    loop_.advance(std::chrono::minutes(1));
    EXPECT_THAT(system_.executed, SizeIs(1));
    EXPECT_EQ(log_.records().back().level, LogLevel::warning);
}

TEST_F(DebugShellTest, IsEndedBeforeTheSwitchAndStaysAway) {
    start();
    shell_.stop();
    EXPECT_THAT(system_.calls, Contains("kill 1001 9"));
    EXPECT_FALSE(loop_.is_watching_child(1001));
    loop_.advance(std::chrono::minutes(1));
    EXPECT_THAT(system_.executed, SizeIs(1));
}

} // namespace
} // namespace slipway
