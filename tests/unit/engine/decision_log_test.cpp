// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/decision_log.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

StartJob job(JobId id, Operation operation, const std::string &unit) {
    StartJob start;
    start.job = id;
    start.operation = operation;
    start.plugin = "p";
    start.unit = unit;
    return start;
}

TEST(DecisionLog, JobsAreNamedByWhatTheyDo) {
    StartJob inspect = job(1, Operation::inspect, "");
    inspect.devices = {{"/sys/devices/pci0000:00/block/vda/vda2", {}}};
    inspect.wanted = {"UUID=x"};
    StartJob activate = job(3, Operation::activate, "group@vg");
    activate.mode = Mode::degraded;
    activate.wanted = {"UUID=x", "/dev/y"};
    DecisionLog log;
    EXPECT_EQ(log.describe(inspect), "start inspect:p:vda2");
    EXPECT_EQ(log.describe(job(2, Operation::import, "")), "start import:p");
    EXPECT_EQ(log.describe(activate), "start group@vg degraded wanted=UUID=x wanted=/dev/y");
    EXPECT_EQ(log.describe(job(4, Operation::deactivate, "group@vg")), "start group@vg deactivate");
}

TEST(DecisionLog, NumbersOfJobsBecomeTitlesAsLongAsTheyRun) {
    DecisionLog log;
    (void)log.describe(job(7, Operation::activate, "sysroot"));
    EXPECT_EQ(log.describe(CancelJob{7, "too slow"}), "cancel sysroot: too slow");
    EXPECT_EQ(log.describe(ShowPrompt{7}), "prompt sysroot");
    EXPECT_EQ(log.describe(ResourceGranted{7}), "grant sysroot");
    EXPECT_EQ(log.describe(ShowForeignPrompt{7}), "foreign prompt 7");
    log.forget(7);
    EXPECT_EQ(log.describe(ResourceGranted{7}), "grant job 7");
}

TEST(DecisionLog, EveryOtherActionHasItsWords) {
    DecisionLog log;
    EXPECT_EQ(log.describe(DeviceUpdated{"/sys/x"}), "update /sys/x");
    EXPECT_EQ(log.describe(ArmTimer{Duration(5)}), "timer 5");
    EXPECT_EQ(log.describe(ArmTimer{}), "timer none");
    EXPECT_EQ(log.describe(LogMessage{LogLevel::warning, "a"}), "log a");
    EXPECT_EQ(log.describe(LogMessage{LogLevel::info, "a"}), "debug a");
    EXPECT_EQ(log.describe(EnterRealRoot{}), "switch-root");
    EXPECT_EQ(log.describe(EnterEmergency{"a\n  b\n"}), "emergency\na\n  b\n");
    EXPECT_EQ(log.describe(AskQuestion{1, "start?"}), "question 1: start?");
    EXPECT_EQ(log.describe(WithdrawQuestion{1}), "withdraw question 1");
}

TEST(DecisionLog, TimersAndLinksAreBookkeeping) {
    EXPECT_TRUE(is_bookkeeping(ArmTimer{}));
    EXPECT_TRUE(is_bookkeeping(DeviceUpdated{"/sys/x"}));
    EXPECT_FALSE(is_bookkeeping(EnterRealRoot{}));
}

} // namespace
} // namespace slipway
