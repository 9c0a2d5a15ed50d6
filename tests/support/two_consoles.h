// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "boot/console.h"
#include "support/fake_event_loop.h"
#include "support/fake_terminal.h"

namespace slipway::test {

inline constexpr int kScreenFd = 901;
inline constexpr int kSerialFd = 902;

// A machine with a screen and a serial line.
class OnTwoConsoles : public ::testing::Test {
protected:
    OnTwoConsoles() {
        auto screen = std::make_unique<FakeTerminal>("/dev/tty0", kScreenFd);
        auto serial = std::make_unique<FakeTerminal>("/dev/ttyS0", kSerialFd);
        screen_ = screen.get();
        serial_ = serial.get();
        std::vector<std::unique_ptr<Terminal>> terminals;
        terminals.push_back(std::move(screen));
        terminals.push_back(std::move(serial));
        consoles_ = std::make_unique<Consoles>(loop_, std::move(terminals));
    }

    FakeEventLoop loop_;
    FakeTerminal *screen_ = nullptr;
    FakeTerminal *serial_ = nullptr;
    std::unique_ptr<Consoles> consoles_;
};

} // namespace slipway::test
