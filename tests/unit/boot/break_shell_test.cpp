// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/break_shell.h"

#include <csignal>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"
#include "support/fake_terminal.h"

namespace slipway {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

constexpr pid_t kShell = 1001;

BreakReport a_report() {
    return {.name = "pre-mount",
            .description = "before the root is mounted",
            .why = {"sysroot waits", "  it is held"},
            .running = {"keymap"}};
}

TEST(BreakText, SaysWhichBreakWhatIsWaitedForAndWhatRuns) {
    EXPECT_EQ(break_text(a_report()),
              "\nslipway: the boot stops at the break \"pre-mount\": before the root is mounted\n"
              "\nWhat is waited for:\n  sysroot waits\n    it is held\n"
              "\nWhat runs:\n  keymap\n"
              "\nNo time limit of a wait runs meanwhile. Devices that appear are taken in.\n"
              "\"exit\" goes on with the boot.\n\n");
}

TEST(BreakText, LetsNoDeviceDriveTheTerminal) {
    BreakReport report = a_report();
    report.why = {"LABEL=\033[2J"};
    EXPECT_THAT(break_text(report), testing::Not(HasSubstr("\033")));
}

class BreakShellTest : public testing::Test {
protected:
    BreakShellTest() {
        system_.add_file("/bin/sh", "elf", 0755);
        std::vector<std::unique_ptr<Terminal>> terminals;
        terminals.push_back(std::make_unique<test::FakeTerminal>("/dev/ttyS0", 902));
        serial_ = dynamic_cast<test::FakeTerminal *>(terminals.front().get());
        consoles_ = std::make_unique<Consoles>(loop_, std::move(terminals));
        prompts_ = std::make_unique<PromptBroker>(loop_, *consoles_, log_);
        shells_ = std::make_unique<ConsoleShells>(system_, loop_, *consoles_, *prompts_, log_);
        break_ = std::make_unique<BreakShell>(*consoles_, *shells_, log_);
    }

    void enter() {
        break_->enter(a_report(), [this] { ++went_on_; });
    }
    void shell_ends(pid_t process = kShell, int code = CLD_EXITED, int status = 0) {
        loop_.child_exited(process, {.pid = process, .code = code, .status = status});
    }

    test::FakeEventLoop loop_;
    test::FakeSystem system_;
    Log log_;
    test::FakeTerminal *serial_ = nullptr;
    std::unique_ptr<Consoles> consoles_;
    std::unique_ptr<PromptBroker> prompts_;
    std::unique_ptr<ConsoleShells> shells_;
    std::unique_ptr<BreakShell> break_;
    int went_on_ = 0;
};

TEST_F(BreakShellTest, LeavingTheShellGoesOnWithTheBoot) {
    enter();
    EXPECT_TRUE(break_->is_open());
    EXPECT_THAT(system_.calls, Contains("spawn /dev/ttyS0"));
    EXPECT_EQ(went_on_, 0);
    shell_ends();
    EXPECT_EQ(went_on_, 1);
    EXPECT_FALSE(break_->is_open());
    EXPECT_TRUE(serial_->shown.ends_with("slipway: the boot goes on.\n"));
}

TEST_F(BreakShellTest, APersonElsewhereEndsTheShell) {
    EXPECT_FALSE(break_->go_on_now());
    enter();
    EXPECT_TRUE(break_->go_on_now());
    EXPECT_THAT(system_.calls, Contains("kill 1001 9"));
    EXPECT_EQ(went_on_, 0);
    shell_ends(kShell, CLD_KILLED, SIGKILL);
    EXPECT_EQ(went_on_, 1);
    EXPECT_FALSE(break_->go_on_now());
}

TEST_F(BreakShellTest, TheNextBreakMayFollowAtOnce) {
    break_->enter(a_report(), [this] { enter(); });
    shell_ends();
    EXPECT_TRUE(break_->is_open());
    EXPECT_THAT(system_.executed, SizeIs(2));
}

TEST_F(BreakShellTest, AMachineWithoutAUsableConsoleGoesOn) {
    enter();
    shell_ends(kShell, CLD_EXITED, System::kTerminalUnusable);
    EXPECT_EQ(went_on_, 1);
    EXPECT_THAT(log_.records().back().text, HasSubstr("no console can hold the shell"));
    system_.fail("spawn", "/dev/ttyS0", EAGAIN);
    enter();
    EXPECT_EQ(went_on_, 2);
}

TEST_F(BreakShellTest, WhatIsMoreUrgentComesInPlaceOfTheBoot) {
    enter();
    int urgent = 0;
    break_->end_for([&] { ++urgent; });
    shell_ends(kShell, CLD_KILLED, SIGKILL);
    EXPECT_EQ(urgent, 1);
    EXPECT_EQ(went_on_, 0);
    EXPECT_FALSE(break_->is_open());
}

} // namespace
} // namespace slipway
