// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/console.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/fake_event_loop.h"
#include "support/fake_terminal.h"
#include "support/two_consoles.h"

namespace slipway {
namespace {

using test::kSerialFd;

class ConsolesTest : public test::OnTwoConsoles {};

TEST_F(ConsolesTest, write_to_every_console) {
    consoles_->write("hello\n");
    EXPECT_EQ(screen_->shown, "hello\n");
    EXPECT_EQ(serial_->shown, "hello\n");
    EXPECT_TRUE(consoles_->is_flushed());
}

TEST_F(ConsolesTest, write_to_one_console_only) {
    consoles_->write_to(1, "x");
    EXPECT_EQ(screen_->shown, "");
    EXPECT_EQ(serial_->shown, "x");
}

TEST_F(ConsolesTest, a_stuck_line_delays_nobody_and_gets_its_text_later) {
    serial_->room = 2;
    consoles_->write("hello\n");
    consoles_->write("world\n");
    EXPECT_EQ(screen_->shown, "hello\nworld\n");
    EXPECT_EQ(serial_->shown, "he");
    EXPECT_FALSE(consoles_->is_flushed());
    serial_->room = 100;
    loop_.deliver_fd(kSerialFd, EPOLLOUT);
    EXPECT_EQ(serial_->shown, "hello\nworld\n");
    EXPECT_TRUE(consoles_->is_flushed());
    EXPECT_FALSE(loop_.is_watching_fd(kSerialFd));
}

TEST_F(ConsolesTest, a_line_that_stays_stuck_loses_text_and_says_so) {
    serial_->room = 0;
    consoles_->write(std::string(Consoles::kMaxPendingBytes, 'a'));
    consoles_->write("lost");
    serial_->room = 1U << 20U;
    loop_.deliver_fd(kSerialFd, EPOLLOUT);
    EXPECT_EQ(serial_->shown.find("lost"), std::string::npos);
    EXPECT_TRUE(serial_->shown.ends_with("(text is missing here: this console is too slow)\n"));
    EXPECT_TRUE(screen_->shown.ends_with("lost"));
}

TEST_F(ConsolesTest, a_console_that_is_gone_is_tried_again_with_the_next_text) {
    serial_->is_gone = true;
    consoles_->write("one\n");
    EXPECT_TRUE(consoles_->is_flushed());
    serial_->is_gone = false;
    consoles_->write("two\n");
    EXPECT_EQ(serial_->shown, "two\n");
    EXPECT_EQ(screen_->shown, "one\ntwo\n");
}

TEST_F(ConsolesTest, a_console_that_a_shell_hung_up_is_opened_again) {
    serial_->is_gone = true;
    consoles_->write("lost on the serial line\n");
    consoles_->reopen();
    consoles_->write("back\n");
    EXPECT_EQ(serial_->shown, "back\n");
    EXPECT_EQ(screen_->reopened, 1);
}

TEST(ConsolesStatus, ASlowConsoleGetsNoUpdatesBehindEachOther) {
    test::FakeEventLoop loop;
    auto owned = std::make_unique<test::FakeTerminal>("/dev/tty0", 901);
    test::FakeTerminal &screen = *owned;
    std::vector<std::unique_ptr<Terminal>> terminals;
    terminals.push_back(std::move(owned));
    Consoles consoles(loop, std::move(terminals));
    screen.room = 0;
    for (int i = 0; i < 100; ++i)
        consoles.set_status(0, "line " + std::to_string(i));
    screen.room = 1000;
    loop.deliver_fd(901, EPOLLOUT);
    EXPECT_EQ(screen.shown, "\r\033[Kline 0");
    consoles.set_status(0, "");
    EXPECT_EQ(screen.shown, "\r\033[Kline 0\r\033[K");
    consoles.set_status(0, "");
    consoles.clear_status();
    EXPECT_EQ(screen.shown, "\r\033[Kline 0\r\033[K");
}

TEST(ConsolesStatus, IsForgottenWhenSomebodyElseHadTheConsole) {
    test::FakeEventLoop loop;
    auto owned = std::make_unique<test::FakeTerminal>("/dev/tty0", 901);
    test::FakeTerminal &screen = *owned;
    std::vector<std::unique_ptr<Terminal>> terminals;
    terminals.push_back(std::move(owned));
    Consoles consoles(loop, std::move(terminals));
    consoles.set_status(0, "line");
    consoles.reopen();
    consoles.write("text");
    EXPECT_EQ(screen.shown, "\r\033[Klinetext");
}

} // namespace
} // namespace slipway
