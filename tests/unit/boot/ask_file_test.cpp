// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/ask_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace slipway {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

// As systemd-ask-password writes it.
const std::string kOfSystemd = "[Ask]\n"
                               "PID=345\n"
                               "Socket=/run/systemd/ask-password/sck.8d3a\n"
                               "AcceptCached=1\n"
                               "Echo=0\n"
                               "NotAfter=98765432\n"
                               "Silent=0\n"
                               "Message=Please enter passphrase for disk data\n"
                               "Icon=drive-harddisk\n"
                               "Id=cryptsetup:/dev/block/8:1\n";

TEST(AskFile, reads_what_systemd_writes) {
    const auto ask = parse_ask_file(kOfSystemd);
    ASSERT_TRUE(ask);
    EXPECT_EQ(ask->pid, 345);
    EXPECT_EQ(ask->socket, "/run/systemd/ask-password/sck.8d3a");
    EXPECT_TRUE(ask->accept_cached);
    EXPECT_FALSE(ask->echo);
    EXPECT_EQ(ask->not_after, Duration(98765432));
    EXPECT_EQ(ask->message, "Please enter passphrase for disk data");
    EXPECT_EQ(ask->id, "cryptsetup:/dev/block/8:1");
}

TEST(AskFile, reads_what_it_writes) {
    const AskFile ask{.pid = 1,
                      .socket = "/run/s",
                      .message = "Passphrase for root (/dev/vda2)",
                      .id = "luks:1",
                      .echo = true,
                      .accept_cached = true,
                      .not_after = Duration(77)};
    const auto again = parse_ask_file(write_ask_file(ask));
    ASSERT_TRUE(again);
    EXPECT_EQ(write_ask_file(*again), write_ask_file(ask));
    EXPECT_EQ(again->message, ask.message);
    EXPECT_THAT(write_ask_file(ask), HasSubstr("\nIcon=drive-harddisk\n"));
}

TEST(AskFile, a_label_cannot_add_keys) {
    AskFile ask{.pid = 1, .socket = "/run/s", .message = "x\nSocket=/evil", .id = "i\nEcho=1"};
    const auto again = parse_ask_file(write_ask_file(ask));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->socket, "/run/s");
    EXPECT_FALSE(again->echo);
}

TEST(AskFile, other_sections_comments_and_unknown_keys_are_skipped) {
    const auto ask = parse_ask_file("Socket=/before\n[Other]\nSocket=/other\n[Ask]\n# Socket=/no\n"
                                    ";x=1\n Socket = /run/s \r\nFuture=1\nnonsense\n[More]\n"
                                    "Socket=/more");
    ASSERT_TRUE(ask);
    EXPECT_EQ(ask->socket, "/run/s");
    EXPECT_EQ(ask->message, "Password");
    EXPECT_EQ(ask->not_after, Duration(0));
}

TEST(AskFile, says_what_is_wrong) {
    EXPECT_FALSE(parse_ask_file(""));
    EXPECT_THAT(parse_ask_file("[Ask]\nMessage=x\n").error().message(), HasSubstr("no socket"));
    EXPECT_FALSE(parse_ask_file("[Ask]\nSocket=relative\n"));
    EXPECT_FALSE(parse_ask_file("[Ask]\nSocket=/" + std::string(107, 's') + "\n"));
    EXPECT_TRUE(parse_ask_file("[Ask]\nSocket=/" + std::string(106, 's') + "\n"));
    EXPECT_FALSE(parse_ask_file("[Ask]\nSocket=/run/\0s\n"s));
    EXPECT_FALSE(parse_ask_file("[Ask]\nSocket=/s\nPID=-1\n"));
    EXPECT_FALSE(parse_ask_file("[Ask]\nSocket=/s\nPID=99999999999\n"));
    EXPECT_FALSE(parse_ask_file("[Ask]\nSocket=/s\nNotAfter=soon\n"));
    EXPECT_FALSE(parse_ask_file(std::string(AskFile::kMaxBytes + 1, '\n')));
}

TEST(AskFile, never_is_no_limit) {
    const auto ask = parse_ask_file("[Ask]\nSocket=/s\nNotAfter=18446744073709551615\n");
    ASSERT_TRUE(ask);
    EXPECT_EQ(ask->not_after, Duration(0));
}

TEST(AskFile, the_message_cannot_drive_the_terminal_nor_fill_it) {
    const auto ask =
        parse_ask_file("[Ask]\nSocket=/s\nMessage=a\x1b[2J" + std::string(2000, 'x') + "\n");
    ASSERT_TRUE(ask);
    EXPECT_THAT(ask->message, Not(HasSubstr("\x1b")));
    EXPECT_LE(ask->message.size(), AskFile::kMaxMessageBytes);
}

TEST(AgentReply, is_a_secret_or_a_refusal) {
    const auto reply = parse_agent_reply("+word");
    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->is_answered);
    EXPECT_EQ(reply->secret.view(), "word");
    EXPECT_EQ(parse_agent_reply("+one\0two\0"s)->secret.view(), "one");
    EXPECT_TRUE(parse_agent_reply("+")->is_answered);
    EXPECT_EQ(parse_agent_reply("+")->secret.size(), 0U);
    EXPECT_FALSE(parse_agent_reply("-")->is_answered);
    EXPECT_FALSE(parse_agent_reply(""));
    EXPECT_FALSE(parse_agent_reply("word"));
    EXPECT_FALSE(parse_agent_reply("-x"));
}

TEST(AgentReply, is_sent_in_the_same_form) {
    EXPECT_EQ(agent_datagram(true, Secret("word")).view(), "+word");
    EXPECT_EQ(agent_datagram(false, Secret("word")).view(), "-");
    EXPECT_EQ(agent_datagram(true, Secret()).view(), "+");
}

} // namespace
} // namespace slipway
