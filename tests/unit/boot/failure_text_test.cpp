// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/failure_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::StartsWith;

FailureParts parts() {
    FailureParts parts;
    parts.realtime_usec = 1'770'091'506'000'000;
    parts.uptime = std::chrono::seconds(12);
    parts.headline = "the real root is not there";
    parts.why = {"switch-root failed", "  device UUID=1 is not there"};
    parts.remedies = {"Is UUID=1 right?"};
    parts.command_line = "root=UUID=1 quiet";
    parts.record = "slipway-record 1\ngoal switch-root\n@1 start\n> start import:fs\n> timer 5\n"
                   "@2 finished 1 done -\n> start sysroot\n> log unit x\n> update /sys/x\n";
    return parts;
}

TEST(FailureText, SaysWhatWhyAndWhatLedThere) {
    FailureParts all = parts();
    const std::deque<LogRecord> log = {{LogLevel::error, "it broke"}, {LogLevel::debug, "noise"}};
    all.log = &log;
    EXPECT_EQ(failure_text(all, 4096), "slipway-failure 1\n"
                                       "time 2026-02-03T04:05:06Z\n"
                                       "after 12 s\n"
                                       "what the real root is not there\n"
                                       "why switch-root failed\n"
                                       "why   device UUID=1 is not there\n"
                                       "help Is UUID=1 right?\n"
                                       "cmdline root=UUID=1 quiet\n"
                                       "decision start import:fs\n"
                                       "decision start sysroot\n"
                                       "log error: it broke\n"
                                       "end\n");
}

TEST(FailureText, AClockThatWasNeverSetIsNotBelieved) {
    FailureParts all = parts();
    all.realtime_usec = 1'000'000;
    EXPECT_THAT(failure_text(all, 4096), Not(HasSubstr("time ")));
}

TEST(FailureText, IsNeverLongerThanItMayBeAndKeepsTheNewest) {
    FailureParts all = parts();
    std::string record;
    std::deque<LogRecord> log;
    for (int i = 0; i < 2000; ++i) {
        record += "> start job-" + std::to_string(i) + "\n";
        log.push_back({LogLevel::info, "line " + std::to_string(i) + std::string(i % 400, 'x')});
        all.why.push_back("reason " + std::to_string(i));
    }
    all.record = record;
    all.log = &log;
    all.command_line.assign(5000, 'c');
    for (const std::size_t max : {512U, 1000U, 4096U, 16384U}) {
        const std::string text = failure_text(all, max);
        EXPECT_THAT(text.size(), Le(max));
        EXPECT_THAT(text, StartsWith("slipway-failure 1\n"));
        EXPECT_THAT(text, EndsWith("end\n"));
        EXPECT_THAT(text, HasSubstr("what the real root is not there\n"));
    }
    const std::string text = failure_text(all, 16384);
    EXPECT_THAT(text, HasSubstr("decision start job-1999\n"));
    EXPECT_THAT(text, HasSubstr("log info: line 1999"));
    EXPECT_THAT(text, Not(HasSubstr("line 0x")));
    EXPECT_GT(text.size(), 15000U);
}

TEST(FailureText, HostileTextStaysOnItsLine) {
    FailureParts all = parts();
    all.headline = "a\nend\nslipway-failure 1\033[2J\xff";
    all.record = "\n\n>\n> \n>x";
    const std::string text = failure_text(all, 4096);
    EXPECT_THAT(text, HasSubstr("what a?end?slipway-failure 1?[2J?\n"));
    EXPECT_EQ(text.find("slipway-failure 1\n"), text.rfind("slipway-failure 1\n"));
}

} // namespace
} // namespace slipway
