// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/leftovers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"

namespace slipway {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class LeftoversTest : public ::testing::Test {
protected:
    LeftoversTest() {
        system_.add_file("/proc/1/cmdline", std::string("/init\0", 6));
        system_.add_file("/proc/2/cmdline", "");
        system_.add_file("/proc/meminfo", "no process");
        system_.add_file("/proc/70/cmdline", std::string("@sbin/mdmon\0--offroot\0", 22));
    }

    void end() {
        leftovers_.end([this] { ++ended_; });
    }

    test::FakeSystem system_;
    test::FakeEventLoop loop_;
    Log log_;
    Leftovers leftovers_{system_, loop_, log_};
    int ended_ = 0;
};

TEST_F(LeftoversTest, NobodyIsWaitedForWhereNobodyIs) {
    end();
    EXPECT_EQ(ended_, 1);
    EXPECT_THAT(system_.calls, IsEmpty()) << "the kernel's threads and '@' processes stay";
}

TEST_F(LeftoversTest, WhoStaysIsKilledAMomentLater) {
    system_.add_file("/proc/71/cmdline", std::string("dmeventd\0-f\0", 12));
    end();
    EXPECT_EQ(ended_, 0);
    EXPECT_THAT(system_.calls, ElementsAre("kill 71 15"));
    loop_.advance(Leftovers::kPatience);
    EXPECT_EQ(ended_, 1);
    EXPECT_THAT(system_.calls, ElementsAre("kill 71 15", "kill 71 9"));
}

TEST_F(LeftoversTest, WhoHasEndedIsNotKilled) {
    system_.add_file("/proc/71/cmdline", std::string("dmeventd\0", 9));
    end();
    ASSERT_TRUE(system_.remove_file("/proc/71/cmdline"));
    loop_.advance(Leftovers::kPatience);
    EXPECT_EQ(ended_, 1);
    EXPECT_THAT(system_.calls, Not(Contains("kill 71 9")));
}

} // namespace
} // namespace slipway
