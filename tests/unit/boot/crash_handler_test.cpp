// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/crash_handler.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>

namespace slipway {
namespace {

TEST(CrashHandler, EveryFaultIsHandledOnAStackOfItsOwn) {
    // In a child: the sanitizers' own handlers have to survive in this process.
    EXPECT_EXIT(
        {
            install_crash_handler(PowerAction::halt);
            for (const int fault : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) {
                struct sigaction now{};
                const bool is_ours = ::sigaction(fault, nullptr, &now) == 0 &&
                                     now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN &&
                                     (now.sa_flags & SA_ONSTACK) != 0;
                if (!is_ours)
                    ::_exit(1);
            }
            ::_exit(0);
        },
        ::testing::ExitedWithCode(0), "");
}

} // namespace
} // namespace slipway
