// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/emergency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "support/fake_system.h"
#include "support/two_consoles.h"

namespace slipway {
namespace {

using test::FakeSystem;
using test::kSerialFd;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr pid_t kFirstShell = 1001;
constexpr pid_t kSecondShell = 1002;

EmergencyReport a_report(std::uint64_t progress = 1) {
    return {.headline = "the real root did not appear",
            .why = {"sysroot waits for UUID=abcd", "no device has it"},
            .remedies = {"check root="},
            .progress = progress};
}

const EmergencyPolicy kNoShell = {.is_shell_allowed = false,
                                  .why_no_shell =
                                      "the kernel command line forbids it (panic= or rd.shell=0)",
                                  .action = PowerAction::reboot,
                                  .delay = Duration(5'000'000)};

TEST(EmergencyText, names_what_fails_and_why_and_what_helps) {
    EXPECT_EQ(emergency_text(a_report(), {}, EmergencyStep::shell),
              "\nslipway: the boot cannot go on: the real root did not appear\n"
              "\nWhy:\n"
              "  sysroot waits for UUID=abcd\n"
              "  no device has it\n"
              "\nWhat helps:\n"
              "  check root=\n"
              "\nA shell follows. Devices that appear meanwhile are still taken in.\n"
              "\"exit\" goes on with the boot where it failed; if that brings nothing new,\n"
              "the machine powers off.\n"
              "The report is in /run/slipway/report/ (emergency.txt, log.txt).\n\n");
}

TEST(EmergencyText, says_why_there_is_no_shell_and_what_happens_when) {
    EXPECT_THAT(emergency_text(a_report(), kNoShell, EmergencyStep::shell_forbidden),
                HasSubstr("forbids it (panic= or rd.shell=0).\nThe machine reboots in 5 s.\n"));
    EXPECT_THAT(
        emergency_text(a_report(), {.delay = Duration(0)}, EmergencyStep::shell_missing),
        HasSubstr("this image holds none that can be started.\nThe machine powers off now."));
    EXPECT_THAT(
        emergency_text(a_report(), {.action = PowerAction::halt},
                       EmergencyStep::shell_did_not_help),
        HasSubstr("Nothing more was done since the last shell.\nThe machine halts in 10 s."));
}

TEST(EmergencyText, lets_no_device_drive_the_terminal) {
    EmergencyReport report = a_report();
    report.why = {"label \x1b[2J\nfake"};
    EXPECT_THAT(emergency_text(report, {}, EmergencyStep::shell), HasSubstr("label ?[2J?fake"));
}

class EmergencyTest : public test::OnTwoConsoles {
protected:
    EmergencyTest() {
        system_.add_directory("/run");
        system_.add_file("/bin/sh", "elf", 0755);
        prompts_ = std::make_unique<PromptBroker>(loop_, *consoles_, log_);
        shells_ = std::make_unique<ConsoleShells>(system_, loop_, *consoles_, *prompts_, log_);
        emergency_ =
            std::make_unique<Emergency>(system_, loop_, *consoles_, *prompts_, *shells_, log_);
    }

    void enter(const EmergencyReport &report, const EmergencyPolicy &policy = {}) {
        emergency_->enter(report, policy, [this] { ++went_on_; });
    }
    void exit_shell(pid_t process, int status = 0) {
        loop_.child_exited(process, {.pid = process, .code = CLD_EXITED, .status = status});
    }
    void kill_shell(pid_t process) {
        loop_.child_exited(process, {.pid = process, .code = CLD_KILLED, .status = SIGKILL});
    }

    FakeSystem system_;
    Log log_;
    std::unique_ptr<PromptBroker> prompts_;
    std::unique_ptr<ConsoleShells> shells_;
    std::unique_ptr<Emergency> emergency_;
    int went_on_ = 0;
};

TEST_F(EmergencyTest, shows_the_reason_everywhere_and_leaves_it_in_run) {
    enter(a_report());
    const std::string text = emergency_text(a_report(), {}, EmergencyStep::shell);
    EXPECT_EQ(screen_->shown, text);
    EXPECT_EQ(serial_->shown, text);
    EXPECT_EQ(system_.content("/run/slipway/report/emergency.txt"), text);
    EXPECT_EQ(system_.content("/run/slipway/report/log.txt"),
              "error: the boot cannot go on: the real root did not appear\n");
}

TEST_F(EmergencyTest, leaves_the_record_and_names_it) {
    EmergencyReport report = a_report();
    report.record = "slipway-record 1\n";
    enter(report);
    EXPECT_THAT(screen_->shown, HasSubstr("(emergency.txt, log.txt, record.txt)"));
    EXPECT_EQ(system_.content("/run/slipway/report/record.txt"), "slipway-record 1\n");
    EXPECT_EQ(system_.nodes().at("/run/slipway/report/record.txt").mode & 0777U, 0600U);
}

TEST_F(EmergencyTest, starts_a_shell_on_each_console) {
    enter(a_report());
    EXPECT_THAT(system_.calls, Contains("spawn /dev/tty0"));
    EXPECT_THAT(system_.calls, Contains("spawn /dev/ttyS0"));
    ASSERT_THAT(system_.executed, SizeIs(2));
    EXPECT_EQ(system_.executed[0].path, "/bin/sh");
    EXPECT_THAT(system_.executed[0].environment, Contains("TERM=linux"));
    EXPECT_THAT(system_.executed[1].environment, Contains("TERM=vt220"));
    EXPECT_TRUE(emergency_->is_open());
}

TEST_F(EmergencyTest, prompts_are_silent_while_the_shell_has_the_console) {
    Prompt prompt;
    prompt.message = "Question";
    (void)prompts_->open(std::move(prompt), [](PromptAnswer) {});
    enter(a_report());
    EXPECT_FALSE(loop_.is_watching_fd(kSerialFd));
    EXPECT_FALSE(serial_->has_input);
    exit_shell(kFirstShell);
    kill_shell(kSecondShell);
    EXPECT_TRUE(loop_.is_watching_fd(kSerialFd));
    EXPECT_TRUE(serial_->shown.ends_with("Question: "));
}

TEST_F(EmergencyTest, leaving_one_shell_ends_the_others_and_goes_on_once) {
    enter(a_report());
    exit_shell(kSecondShell);
    EXPECT_THAT(system_.calls, Contains("kill 1001 9"));
    EXPECT_EQ(went_on_, 0);
    kill_shell(kFirstShell);
    EXPECT_EQ(went_on_, 1);
    EXPECT_FALSE(emergency_->is_open());
}

TEST_F(EmergencyTest, a_second_emergency_without_progress_ends_the_machine) {
    enter(a_report(7));
    exit_shell(kFirstShell);
    kill_shell(kSecondShell);
    enter(a_report(7));
    EXPECT_THAT(system_.executed, SizeIs(2));
    EXPECT_THAT(serial_->shown, HasSubstr("Nothing more was done since the last shell."));
    loop_.advance(EmergencyPolicy::kDefaultDelay);
    EXPECT_THAT(system_.calls, Contains("poweroff"));
}

TEST_F(EmergencyTest, a_second_emergency_after_progress_gives_a_shell_again) {
    enter(a_report(7));
    exit_shell(kFirstShell);
    kill_shell(kSecondShell);
    enter(a_report(8));
    EXPECT_THAT(system_.executed, SizeIs(4));
}

TEST_F(EmergencyTest, going_on_may_fail_at_once) {
    emergency_->enter(a_report(1), {}, [this] { enter(a_report(2)); });
    exit_shell(kFirstShell);
    kill_shell(kSecondShell);
    EXPECT_TRUE(emergency_->is_open());
    EXPECT_THAT(system_.executed, SizeIs(4));
}

TEST_F(EmergencyTest, is_entered_only_once_at_a_time) {
    enter(a_report());
    enter(a_report(9));
    EXPECT_THAT(system_.executed, SizeIs(2));
}

TEST_F(EmergencyTest, without_a_shell_syncs_and_does_what_the_policy_says_after_the_delay) {
    enter(a_report(), kNoShell);
    EXPECT_THAT(system_.executed, SizeIs(0));
    loop_.advance(Duration(4'999'999));
    EXPECT_THAT(system_.calls, Not(Contains("reboot")));
    system_.calls.clear();
    loop_.advance(Duration(1));
    EXPECT_THAT(system_.calls, ElementsAre("sync", "reboot"));
}

TEST_F(EmergencyTest, a_disk_that_does_not_answer_cannot_hold_up_the_end) {
    system_.can_sync = false;
    enter(a_report(), kNoShell);
    loop_.advance(Duration(5'000'000));
    EXPECT_THAT(serial_->shown, HasSubstr("what was written last may be lost"));
    EXPECT_THAT(system_.calls, Contains("reboot"));
}

TEST_F(EmergencyTest, an_image_without_a_shell_ends_the_machine) {
    ASSERT_TRUE(system_.remove_file("/bin/sh"));
    enter(a_report());
    EXPECT_THAT(serial_->shown, HasSubstr("this image holds none"));
    loop_.advance(EmergencyPolicy::kDefaultDelay);
    EXPECT_THAT(system_.calls, Contains("poweroff"));
}

TEST_F(EmergencyTest, shells_that_cannot_be_started_end_the_machine) {
    system_.fail("spawn", "/dev/tty0", EAGAIN);
    system_.fail("spawn", "/dev/ttyS0", EAGAIN);
    enter(a_report());
    EXPECT_THAT(serial_->shown, HasSubstr("no console can hold a shell; the machine powers off."));
    loop_.advance(EmergencyPolicy::kDefaultDelay);
    EXPECT_THAT(system_.calls, Contains("poweroff"));
}

TEST_F(EmergencyTest, an_unusable_terminal_does_not_end_the_shell_on_the_other_one) {
    enter(a_report());
    exit_shell(kFirstShell, System::kTerminalUnusable);
    EXPECT_THAT(system_.calls, Not(Contains("kill 1002 9")));
    EXPECT_EQ(went_on_, 0);
    exit_shell(kSecondShell);
    EXPECT_EQ(went_on_, 1);
}

TEST_F(EmergencyTest, unusable_terminals_everywhere_end_the_machine) {
    enter(a_report());
    exit_shell(kFirstShell, System::kTerminalUnusable);
    exit_shell(kSecondShell, System::kTerminalUnusable);
    EXPECT_EQ(went_on_, 0);
    loop_.advance(EmergencyPolicy::kDefaultDelay);
    EXPECT_THAT(system_.calls, Contains("poweroff"));
}

TEST_F(EmergencyTest, lives_on_and_says_so_when_the_machine_does_not_end) {
    system_.fail("end", "reboot", EPERM);
    enter(a_report(), kNoShell);
    loop_.advance(Duration(5'000'000));
    EXPECT_THAT(serial_->shown, HasSubstr("switch it off by hand"));
    EXPECT_FALSE(loop_.stopped().has_value());
}

TEST_F(EmergencyTest, a_report_that_cannot_be_written_changes_nothing_else) {
    system_.fail("replace", "/run/slipway/report/emergency.txt", ENOSPC);
    enter(a_report());
    EXPECT_THAT(system_.executed, SizeIs(2));
    EXPECT_THAT(log_.records().back().text, HasSubstr("No space left on device"));
}

TEST_F(EmergencyTest, the_password_comes_before_the_shell_when_it_is_asked_for) {
    shells_->ask_for_password(true);
    enter(a_report(), {.needs_password = true});
    EXPECT_THAT(serial_->shown, HasSubstr("this image holds none"));
    system_.executed.clear();
    system_.add_file("/usr/lib/slipway/shell-login", "elf", 0755);
    Emergency second(system_, loop_, *consoles_, *prompts_, *shells_, log_);
    second.enter(a_report(), {.needs_password = true}, [] {});
    EXPECT_THAT(serial_->shown,
                HasSubstr("A shell follows, for whoever knows the password of root."));
    ASSERT_THAT(system_.executed, SizeIs(2));
    EXPECT_EQ(system_.executed[0].path, "/usr/lib/slipway/shell-login");
    EXPECT_THAT(system_.executed[0].arguments, ElementsAre("shell-login"));
}

} // namespace
} // namespace slipway
