// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/console_log.h"

#include <gtest/gtest.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"
#include "support/fake_terminal.h"

namespace slipway {
namespace {

TEST(KernelConsoleLevel, IsTheFirstNumberOfPrintk) {
    test::FakeSystem system;
    EXPECT_EQ(kernel_console_level(system), 7);
    system.add_file("/proc/sys/kernel/printk", "4\t4\t1\t7\n");
    EXPECT_EQ(kernel_console_level(system), 4);
    system.add_file("/proc/sys/kernel/printk", "?");
    EXPECT_EQ(kernel_console_level(system), 7);
}

TEST(ConsoleLog, ShowsWhatTheKernelKeepsBackAndNothingTwice) {
    test::FakeEventLoop loop;
    auto owned = std::make_unique<test::FakeTerminal>("/dev/ttyS0", 902);
    test::FakeTerminal &serial = *owned;
    std::vector<std::unique_ptr<Terminal>> terminals;
    terminals.push_back(std::move(owned));
    Consoles consoles(loop, std::move(terminals));
    const ConsoleLog quiet(consoles, LogLevel::info, 4);
    quiet.write({LogLevel::error, "the kernel shows it"});
    quiet.write({LogLevel::warning, "shown"});
    quiet.write({LogLevel::info, "too"});
    quiet.write({LogLevel::debug, "not asked for"});
    EXPECT_EQ(serial.shown, "slipway: shown\nslipway: too\n");
    serial.shown.clear();
    const ConsoleLog loud(consoles, LogLevel::debug, 8);
    loud.write({LogLevel::debug, "the kernel shows it"});
    EXPECT_EQ(serial.shown, "");
}

} // namespace
} // namespace slipway
