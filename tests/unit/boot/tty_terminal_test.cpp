// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/tty_terminal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A pseudo terminal: the test holds the side of the person.
class TtyTerminalTest : public testing::Test {
protected:
    void SetUp() override {
        int person = -1;
        int device = -1;
        ASSERT_EQ(::openpty(&person, &device, nullptr, nullptr, nullptr), 0);
        person_.reset(person);
        ASSERT_EQ(::fcntl(device, F_SETFL, O_RDWR | O_NONBLOCK), 0);
        observer_.reset(::dup(device));
        terminal_ = std::make_unique<TtyTerminal>("/dev/pts/test", UniqueFd(device));
    }

    [[nodiscard]] tcflag_t local_flags() const {
        termios settings = {};
        EXPECT_EQ(::tcgetattr(observer_.get(), &settings), 0);
        return settings.c_lflag;
    }
    void type(std::string_view text) const {
        ASSERT_EQ(::write(person_.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }
    [[nodiscard]] std::string read_all() const {
        std::string text;
        for (;;) {
            const auto byte = terminal_->read_byte();
            if (!byte || !*byte)
                return text;
            text += **byte;
        }
    }
    // What the person sees at once.
    [[nodiscard]] std::string seen() const {
        (void)::fcntl(person_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
        std::array<char, 256> buffer = {};
        const ssize_t size = ::read(person_.get(), buffer.data(), buffer.size());
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
    }

    UniqueFd person_;
    UniqueFd observer_;
    std::unique_ptr<TtyTerminal> terminal_;
};

TEST_F(TtyTerminalTest, input_is_silent_and_byte_by_byte) {
    ASSERT_TRUE(terminal_->start_input());
    type("ab\x03");
    EXPECT_EQ(read_all(), "ab\x03");
    EXPECT_EQ(seen(), "");
}

// The kernel wipes its buffer behind the reader only with these.
TEST_F(TtyTerminalTest, the_kernel_forgets_what_was_read) {
    ASSERT_TRUE(terminal_->start_input());
    EXPECT_EQ(local_flags() & static_cast<tcflag_t>(ICANON | EXTPROC),
              static_cast<tcflag_t>(ICANON | EXTPROC));
}

TEST_F(TtyTerminalTest, every_byte_arrives_as_it_is) {
    ASSERT_TRUE(terminal_->start_input());
    std::string all;
    for (int byte = 0; byte < 0xFF; ++byte)
        all.push_back(static_cast<char>(byte));
    type(all);
    std::string seen_bytes = read_all();
    std::ranges::replace(seen_bytes, '\n', '\r');
    std::ranges::replace(all, '\n', '\r');
    EXPECT_EQ(seen_bytes, all);
}

TEST_F(TtyTerminalTest, noise_on_the_line_is_not_its_end) {
    ASSERT_TRUE(terminal_->start_input());
    type("\xFF");
    EXPECT_TRUE(terminal_->read_byte());
    type("a");
    EXPECT_EQ(read_all(), "a");
}

TEST_F(TtyTerminalTest, nothing_typed_is_no_error) {
    ASSERT_TRUE(terminal_->start_input());
    const auto byte = terminal_->read_byte();
    ASSERT_TRUE(byte);
    EXPECT_FALSE(byte->has_value());
}

TEST_F(TtyTerminalTest, what_was_typed_before_is_thrown_away) {
    type("stale\n");
    ASSERT_TRUE(terminal_->start_input());
    type("x");
    EXPECT_EQ(read_all(), "x");
}

TEST_F(TtyTerminalTest, the_settings_come_back_and_late_input_does_not_reach_the_next_reader) {
    const tcflag_t before = local_flags();
    ASSERT_TRUE(terminal_->start_input());
    EXPECT_EQ(local_flags() & static_cast<tcflag_t>(ECHO | ISIG), 0U);
    type("late\n");
    terminal_->stop_input();
    EXPECT_EQ(local_flags(), before);
    EXPECT_EQ(read_all(), "");
}

TEST_F(TtyTerminalTest, the_settings_come_back_at_the_end) {
    const tcflag_t before = local_flags();
    ASSERT_TRUE(terminal_->start_input());
    terminal_.reset();
    EXPECT_EQ(local_flags(), before);
}

TEST_F(TtyTerminalTest, output_arrives_and_a_full_line_takes_nothing) {
    EXPECT_EQ(terminal_->write("hello").value(), 5U);
    EXPECT_EQ(seen(), "hello");
    const std::string much(1U << 20U, 'x');
    std::size_t taken = 0;
    do
        taken = terminal_->write(much).value();
    while (taken > 0);
    SUCCEED();
}

TEST_F(TtyTerminalTest, a_hung_up_line_is_an_error) {
    person_.reset();
    EXPECT_FALSE(terminal_->read_byte());
}

TEST(TtyTerminal, something_that_is_no_terminal_gives_no_silent_input) {
    TtyTerminal terminal("/dev/null", UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC)));
    const auto started = terminal.start_input();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code(), ENOTTY);
}

TEST(ConsolePaths, are_what_the_kernel_says) {
    test::FakeSystem system;
    system.add_file("/sys/class/tty/console/active", "tty0 ttyS0\n");
    EXPECT_THAT(console_paths(system), ElementsAre("/dev/tty0", "/dev/ttyS0"));
}

TEST(ConsolePaths, fall_back_to_the_console_device) {
    test::FakeSystem system;
    EXPECT_THAT(console_paths(system), ElementsAre("/dev/console"));
    system.add_file("/sys/class/tty/console/active", "../../etc/shadow\n");
    EXPECT_THAT(console_paths(system), ElementsAre("/dev/console"));
}

TEST(OpenConsoles, leaves_out_what_cannot_be_opened) {
    test::FakeSystem system;
    system.add_file("/sys/class/tty/console/active", "tty0 ttyS0\n");
    system.add_file("/dev/ttyS0", "");
    const auto terminals = open_consoles(system);
    ASSERT_THAT(terminals, SizeIs(1));
    EXPECT_EQ(terminals[0]->path(), "/dev/ttyS0");
}

TEST(OpenConsoles, tries_the_console_device_last) {
    test::FakeSystem system;
    system.add_file("/sys/class/tty/console/active", "tty0\n");
    EXPECT_THAT(open_consoles(system), IsEmpty());
    system.add_file("/dev/console", "");
    EXPECT_THAT(open_consoles(system), SizeIs(1));
}

TEST(TerminalType, tells_virtual_terminals_from_lines) {
    EXPECT_EQ(terminal_type("/dev/tty0"), "linux");
    EXPECT_EQ(terminal_type("/dev/tty12"), "linux");
    EXPECT_EQ(terminal_type("/dev/ttyS0"), "vt220");
    EXPECT_EQ(terminal_type("/dev/tty"), "vt220");
    EXPECT_EQ(terminal_type("/dev/hvc0"), "vt220");
}

} // namespace
} // namespace slipway
