// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/end_signal.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include <gtest/gtest.h>

namespace slipway::sdk {
namespace {

TEST(EndSignal, IsReadInPlaceOfEndingTheWorker) {
    sigset_t before;
    ASSERT_EQ(::sigprocmask(SIG_BLOCK, nullptr, &before), 0);
    const auto end = catch_end_signal();
    ASSERT_TRUE(end) << end.error().message();
    pollfd poll{end->get(), POLLIN, 0};
    EXPECT_EQ(::poll(&poll, 1, 0), 0);
    ASSERT_EQ(::raise(SIGTERM), 0);
    EXPECT_EQ(::poll(&poll, 1, 1000), 1);
    signalfd_siginfo told{};
    EXPECT_EQ(::read(end->get(), &told, sizeof(told)), static_cast<ssize_t>(sizeof(told)));
    EXPECT_EQ(told.ssi_signo, static_cast<unsigned>(SIGTERM));
    ASSERT_EQ(::sigprocmask(SIG_SETMASK, &before, nullptr), 0);
}

} // namespace
} // namespace slipway::sdk
