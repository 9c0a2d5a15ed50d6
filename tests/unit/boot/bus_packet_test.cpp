// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/bus_packet.h"

#include <gtest/gtest.h>

namespace slipway::bus {
namespace {

TEST(BusPacket, commands_come_back_as_they_were) {
    using Verb = Command::Verb;
    for (const Command &command : {Command{1, Verb::retry, "sysroot", Duration(0)},
                                   Command{2, Verb::skip, "a b%\n\xff", Duration(0)},
                                   Command{3, Verb::set_deadline, "x", std::chrono::seconds(7)},
                                   Command{4, Verb::go_on, "", Duration(0)},
                                   Command{4294967295U, Verb::note, "", Duration(0)}}) {
        EXPECT_EQ(decode_command(encode(command)), command) << encode(command);
    }
    EXPECT_EQ(encode(Command{3, Verb::set_deadline, "x y", Duration(7)}), "3 set_deadline x%20y 7");
}

TEST(BusPacket, what_is_not_exactly_a_command_is_none) {
    for (const std::string text :
         {"", " ", "1", "1 retry", "1 retry a b", "1 retry  a", "x retry a", "-1 retry a",
          "4294967296 retry a", "1 reboot a", "1 continue x", "1 set_deadline a",
          "1 set_deadline a -5", "1 set_deadline a 99999999999999999999", "1 retry %zz",
          "1 retry a\n"}) {
        EXPECT_FALSE(decode_command(text)) << text;
    }
    EXPECT_FALSE(decode_command("1 retry " + std::string(kMaxCommandBytes, 'a')));
    EXPECT_FALSE(decode_command(std::string_view("\0\0\0", 3)));
}

TEST(BusPacket, replies_and_lines_of_the_log_come_back_as_they_were) {
    const Reply reply{7, "unit x has not failed"};
    EXPECT_EQ(decode_reply(encode(reply)), reply);
    EXPECT_EQ(decode_reply(encode(Reply{8, ""})), (Reply{8, ""}));
    EXPECT_FALSE(decode_reply("7"));
    const LogRecord line{LogLevel::warning, "50 % of ä", "", Duration(12)};
    const auto again = decode_log_line(encode(line));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->level, line.level);
    EXPECT_EQ(again->text, line.text);
    EXPECT_EQ(again->time, line.time);
    EXPECT_FALSE(decode_log_line("8 1 x"));
    EXPECT_FALSE(decode_log_line("2 1 x"));
    EXPECT_FALSE(decode_log_line("4 x"));
}

} // namespace
} // namespace slipway::bus
