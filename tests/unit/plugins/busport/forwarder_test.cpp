// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/forwarder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "unit/builder/temporary_directory.h"

namespace slipway::busport {
namespace {

using namespace std::string_literals;
using slipway::testing::TemporaryDirectory;
using ::testing::HasSubstr;

constexpr int kPatience = 10000; // ms

// Between a port, which is one end of a socket pair, and the socket of a bus process.
class ForwarderTest : public ::testing::Test {
protected:
    ForwarderTest() { make({}); }
    ForwarderTest(const ForwarderTest &) = delete;
    ForwarderTest &operator=(const ForwarderTest &) = delete;
    ForwarderTest(ForwarderTest &&) = delete;
    ForwarderTest &operator=(ForwarderTest &&) = delete;
    ~ForwarderTest() override { stop(); }

    void make(std::optional<AnswerTrace> trace) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()),
                  0);
        host_ = UniqueFd(ends[0]);
        std::array<int, 2> pipe{};
        EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
        stop_reader_ = UniqueFd(pipe[0]);
        stop_ = UniqueFd(pipe[1]);
        forwarder_ = std::make_unique<Forwarder>(
            UniqueFd(ends[1]), Forwarder::Destination{bus_path_, trace},
            [this](const std::string &why) { notices_ += why + "\n"; },
            std::chrono::milliseconds(20));
    }

    void listen() {
        bus_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        bus_path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
        ASSERT_EQ(::bind(bus_.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)), 0);
        ASSERT_EQ(::listen(bus_.get(), 4), 0);
    }
    void start() {
        thread_ = std::thread([this] { ended_ = forwarder_->run(stop_reader_.get()); });
    }
    void stop() {
        stop_.reset();
        if (thread_.joinable())
            thread_.join();
    }

    static bool is_readable(int fd) {
        pollfd poll{.fd = fd, .events = POLLIN, .revents = 0};
        return ::poll(&poll, 1, kPatience) == 1;
    }
    UniqueFd accept() {
        EXPECT_TRUE(is_readable(bus_.get()));
        return UniqueFd(::accept4(bus_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    static void send(const UniqueFd &fd, const std::string &bytes) {
        EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    // As many bytes as these, or fewer at the end of the stream.
    static std::string receive(const UniqueFd &fd, std::size_t size) {
        std::string bytes;
        while (bytes.size() < size && is_readable(fd.get())) {
            std::string piece(size - bytes.size(), '\0');
            const ssize_t got = ::recv(fd.get(), piece.data(), piece.size(), 0);
            if (got <= 0)
                break;
            bytes.append(piece, 0, static_cast<std::size_t>(got));
        }
        return bytes;
    }
    static bool is_at_end(const UniqueFd &fd) {
        char byte{};
        return is_readable(fd.get()) && ::recv(fd.get(), &byte, 1, 0) == 0;
    }

    TemporaryDirectory folder_;
    std::string bus_path_ = folder_.path() + "/bus";
    UniqueFd bus_;
    UniqueFd host_;
    UniqueFd stop_;
    UniqueFd stop_reader_;
    std::unique_ptr<Forwarder> forwarder_;
    std::thread thread_;
    Result<> ended_;
    std::string notices_;
};

const std::string kFarewell = "ERROR\r\nERROR\r\nERROR\r\n";
const std::string kGreeting = "\0AUTH EXTERNAL 30\r\n"s;

TEST_F(ForwarderTest, CarriesBytesBothWays) {
    listen();
    start();
    send(host_, kGreeting);
    const UniqueFd client = accept();
    EXPECT_EQ(receive(client, kGreeting.size()), kGreeting);
    send(client, "OK 1234\r\n");
    EXPECT_EQ(receive(host_, 9), "OK 1234\r\n");
    const std::string much(100000, 'x');
    send(host_, much.substr(0, 30000));
    EXPECT_EQ(receive(client, 30000), much.substr(0, 30000));
    std::thread sender([&] { send(client, much); });
    EXPECT_EQ(receive(host_, much.size()), much);
    sender.join();
    stop();
    EXPECT_TRUE(ended_);
}

// The abstract address of the other end, without its leading zero byte.
std::string address_of_peer(const UniqueFd &socket) {
    sockaddr_un address{};
    socklen_t size = sizeof(address);
    EXPECT_EQ(::getpeername(socket.get(), reinterpret_cast<sockaddr *>(&address), &size), 0);
    const std::size_t begin = offsetof(sockaddr_un, sun_path) + 1;
    return size <= begin ? "" : std::string(&address.sun_path[1], size - begin);
}

TEST_F(ForwarderTest, AClientWhoseAnswersLeaveNoTraceIsLikeOneOfThisMachine) {
    listen();
    start();
    send(host_, kGreeting);
    EXPECT_EQ(address_of_peer(accept()), "");
}

TEST_F(ForwarderTest, TheBusCanTellAClientWhoseAnswersLeaveATrace) {
    make(AnswerTrace::freed_memory);
    listen();
    start();
    for (int i = 0; i < 2; ++i) { // the address is free again for the next one
        send(host_, kGreeting + "BEGIN\r\n");
        const UniqueFd client = accept();
        EXPECT_EQ(trace_of_client(address_of_peer(client)), AnswerTrace::freed_memory);
        EXPECT_EQ(receive(client, kGreeting.size() + 7), kGreeting + "BEGIN\r\n");
    }
}

TEST_F(ForwarderTest, AClientThatTheBusCouldNotTellIsSentAway) {
    make(AnswerTrace::buffers);
    listen();
    const UniqueFd other(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const std::string own = '\0' + address_of_client(AnswerTrace::buffers, ::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    own.copy(address.sun_path, own.size());
    ASSERT_EQ(::bind(other.get(), reinterpret_cast<sockaddr *>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + own.size())),
              0);
    start();
    send(host_, kGreeting);
    EXPECT_EQ(receive(host_, kFarewell.size()), kFarewell);
    stop();
    EXPECT_THAT(notices_, HasSubstr("Address already in use"));
}

TEST_F(ForwarderTest, ConnectsToTheBusOnlyWhenAClientSpeaks) {
    listen();
    start();
    pollfd poll{.fd = bus_.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&poll, 1, 50), 0);
    send(host_, "\0"s);
    EXPECT_EQ(receive(accept(), 1), "\0"s);
}

TEST_F(ForwarderTest, EachClientGetsAConnectionOfItsOwn) {
    listen();
    start();
    send(host_, kGreeting + "BEGIN\r\n" + kGreeting);
    const UniqueFd first = accept();
    EXPECT_EQ(receive(first, 1000), kGreeting + "BEGIN\r\n"); // up to its end
    const UniqueFd second = accept();
    EXPECT_EQ(receive(second, kGreeting.size()), kGreeting);
}

TEST_F(ForwarderTest, WhenTheHostHangsUpTheBusHearsOfIt) {
    listen();
    start();
    send(host_, kGreeting);
    const UniqueFd client = accept();
    EXPECT_EQ(receive(client, kGreeting.size()), kGreeting);
    host_.reset();
    EXPECT_TRUE(is_at_end(client));
}

TEST_F(ForwarderTest, WhatADroppedClientStillSendsReachesNobody) {
    listen();
    start();
    send(host_, kGreeting);
    accept().reset();
    EXPECT_EQ(receive(host_, kFarewell.size()), kFarewell);
    send(host_, "AUTH\r\n");
    send(host_, "\0NEXT"s);
    EXPECT_EQ(receive(accept(), 5), "\0NEXT"s);
}

TEST_F(ForwarderTest, WhatTheBusHasSentComesBeforeTheFarewell) {
    listen();
    start();
    send(host_, kGreeting);
    {
        const UniqueFd client = accept();
        EXPECT_EQ(receive(client, kGreeting.size()), kGreeting);
        send(client, std::string(5000, 'x'));
    }
    EXPECT_EQ(receive(host_, 5000 + kFarewell.size()), std::string(5000, 'x') + kFarewell);
}

TEST_F(ForwarderTest, AtTheEndAClientIsToldAndNobodyElse) {
    listen();
    start();
    send(host_, kGreeting);
    const UniqueFd client = accept();
    EXPECT_EQ(receive(client, kGreeting.size()), kGreeting);
    stop();
    EXPECT_TRUE(ended_);
    EXPECT_EQ(receive(host_, kFarewell.size()), kFarewell);
}

TEST_F(ForwarderTest, AtTheEndOfABootThatNobodyLookedAtNothingIsSent) {
    listen();
    start();
    stop();
    forwarder_.reset();
    EXPECT_TRUE(is_at_end(host_));
}

TEST_F(ForwarderTest, WithoutABusTheClientIsSentAwayAndThatIsSaid) {
    start();
    send(host_, kGreeting);
    EXPECT_EQ(receive(host_, kFarewell.size()), kFarewell);
    stop();
    EXPECT_TRUE(ended_);
    EXPECT_THAT(notices_, HasSubstr("connect to " + bus_path_ + ": No such file"));
}

TEST_F(ForwarderTest, APortThatIsGoneIsAnError) {
    UniqueFd folder(::open("/", O_RDONLY | O_CLOEXEC));
    Forwarder forwarder(std::move(folder), {bus_path_, {}}, [](const std::string &) {});
    EXPECT_FALSE(forwarder.run(-1));
}

} // namespace
} // namespace slipway::busport
