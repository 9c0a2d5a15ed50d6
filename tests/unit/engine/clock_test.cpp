// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/clock.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(RunnableClock, StandsStillWhileAPromptIsOpen) {
    RunnableClock clock;
    EXPECT_EQ(clock.at(Duration(10)), Duration(10));
    clock.stop(Duration(10));
    EXPECT_EQ(clock.at(Duration(50)), Duration(10));
    clock.resume(Duration(50));
    EXPECT_EQ(clock.at(Duration(60)), Duration(20));
    EXPECT_EQ(clock.to_real(Duration(20)), Duration(60));
}

TEST(RunnableClock, RunsAgainOnlyAfterTheLastOfSeveralPrompts) {
    RunnableClock clock;
    clock.stop(Duration(0));
    clock.stop(Duration(5));
    clock.resume(Duration(10));
    EXPECT_TRUE(clock.is_stopped());
    clock.resume(Duration(30));
    EXPECT_EQ(clock.at(Duration(40)), Duration(10));
}

TEST(RunnableClock, AResumeTooManyChangesNothing) {
    RunnableClock clock;
    clock.resume(Duration(5));
    EXPECT_EQ(clock.at(Duration(7)), Duration(7));
}

} // namespace
} // namespace slipway
