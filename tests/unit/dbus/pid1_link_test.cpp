// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/pid1_link.h"

#include <sys/socket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "support/fake_event_loop.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Pid1LinkTest : public testing::Test {
protected:
    Pid1LinkTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
        pid1_ = UniqueFd(ends[0]);
        fd_ = ends[1];
        link_ = std::make_unique<Pid1Link>(
            loop_, UniqueFd(fd_),
            Pid1Link::Handlers{
                [this](std::string_view piece, bool is_whole) {
                    heard_.push_back("record " + std::string(piece) + (is_whole ? "!" : ""));
                },
                [this](const LogRecord &line) { heard_.push_back("log " + line.text); },
                [this](const bus::Reply &reply) {
                    heard_.push_back("reply " + std::to_string(reply.serial) + reply.problem);
                },
                [this] { heard_.emplace_back("farewell"); }});
        EXPECT_TRUE(link_->start());
    }
    void pid1_says(const std::string &packet) {
        EXPECT_GE(::send(pid1_.get(), packet.data(), packet.size(), 0), 0);
    }

    test::FakeEventLoop loop_;
    UniqueFd pid1_;
    int fd_ = -1;
    std::vector<std::string> heard_;
    std::unique_ptr<Pid1Link> link_;
};

TEST_F(Pid1LinkTest, takes_packets_in_their_order) {
    for (const char *packet :
         {"ra\n", "wb\n", "l6 5 some%20text", "m12", "a3 no%20way", "a4 -", "x"})
        pid1_says(packet);
    loop_.deliver_fd(fd_);
    EXPECT_THAT(heard_, ElementsAre("record a\n", "record b\n!", "log some text",
                                    "log 12 older lines were dropped", "reply 3no way", "reply 4",
                                    "farewell"));
}

TEST_F(Pid1LinkTest, looks_at_clients_in_between) {
    for (unsigned i = 0; i < Pid1Link::kPacketsPerRound + 1; ++i)
        pid1_says("ra");
    loop_.deliver_fd(fd_);
    EXPECT_EQ(heard_.size(), Pid1Link::kPacketsPerRound);
}

TEST_F(Pid1LinkTest, what_it_does_not_know_is_left_out) {
    for (const char *packet : {"?", "l9 9 9", "a", "z123"})
        pid1_says(packet);
    loop_.deliver_fd(fd_);
    EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(Pid1LinkTest, the_end_of_pid_1s_end_is_a_farewell) {
    pid1_.reset();
    loop_.deliver_fd(fd_);
    EXPECT_THAT(heard_, ElementsAre("farewell"));
    EXPECT_FALSE(loop_.is_watching_fd(fd_));
}

TEST_F(Pid1LinkTest, sends_commands_without_waiting) {
    EXPECT_TRUE(link_->send({5, bus::Command::Verb::skip, "a", Duration(0)}));
    std::array<char, 100> buffer{};
    EXPECT_EQ(::recv(pid1_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), 8);
    EXPECT_EQ(std::string(buffer.data()), "5 skip a");
    EXPECT_FALSE(link_->send({5, bus::Command::Verb::skip, std::string(5000, 'a'), Duration(0)}));
    bool is_full = false;
    for (int i = 0; i < 100000 && !is_full; ++i)
        is_full = !link_->send({6, bus::Command::Verb::skip, std::string(3000, 'a'), Duration(0)});
    EXPECT_TRUE(is_full);
}

} // namespace
} // namespace slipway
