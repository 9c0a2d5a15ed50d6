// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/uevent_source.h"

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <gmock/gmock.h>

#include "support/fake_event_loop.h"

namespace slipway {
namespace {

using test::FakeEventLoop;

class UeventSourceTest : public testing::Test {
protected:
    void SetUp() override {
        auto source = UeventSource::open(
            loop_,
            {.device = [this](Uevent event) { events_.push_back(std::move(event)); },
             .overflow = [this] { ++overflows_; },
             .problem = [this](const Error &error) { problems_.push_back(error.message()); }});
        if (!source)
            GTEST_SKIP() << "no socket for kernel events here: " << source.error().message();
        source_ = std::move(*source);
    }

    [[nodiscard]] bool is_readable() const {
        pollfd poll{source_->fd(), POLLIN, 0};
        return ::poll(&poll, 1, 2000) == 1;
    }

    // As a program of root could do: straight to the port of our socket. An errno value.
    [[nodiscard]] int send_as_program(const std::string &message) const {
        sockaddr_nl address{};
        socklen_t size = sizeof(address);
        EXPECT_EQ(::getsockname(source_->fd(), reinterpret_cast<sockaddr *>(&address), &size), 0);
        address.nl_groups = 0;
        const UniqueFd sender(
            ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT));
        const ssize_t sent = ::sendto(sender.get(), message.data(), message.size(), 0,
                                      reinterpret_cast<sockaddr *>(&address), sizeof(address));
        return sent < 0 ? errno : 0;
    }

    FakeEventLoop loop_;
    std::vector<Uevent> events_;
    std::vector<std::string> problems_;
    int overflows_ = 0;
    std::unique_ptr<UeventSource> source_;
};

TEST_F(UeventSourceTest, DropsWhatAProgramSends) {
    const std::string message = std::string("add@/devices/x") + '\0' + "ACTION=add" + '\0' +
                                "SUBSYSTEM=pci" + '\0' + "SEQNUM=1";
    ASSERT_TRUE(parse_uevent(message));
    if (const int code = send_as_program(message))
        GTEST_SKIP() << "may not send to netlink sockets here, errno " << code;
    ASSERT_TRUE(is_readable());
    loop_.deliver_fd(source_->fd());
    EXPECT_TRUE(events_.empty());
    EXPECT_TRUE(problems_.empty());
    EXPECT_FALSE(::recv(source_->fd(), nullptr, 0, MSG_DONTWAIT) >= 0) << "it was not read";
}

TEST_F(UeventSourceTest, HandsOverWhatTheKernelSends) {
    std::ofstream trigger("/sys/devices/virtual/mem/null/uevent");
    trigger << "change" << std::flush;
    if (!trigger || !is_readable())
        GTEST_SKIP() << "the kernel sends no events to this network namespace";
    loop_.deliver_fd(source_->fd());
    ASSERT_FALSE(events_.empty());
    EXPECT_EQ(events_.back().syspath, "/sys/devices/virtual/mem/null");
    EXPECT_EQ(events_.back().facts.at("devnode"), "/dev/null");
    EXPECT_EQ(events_.back().facts.at("major"), "1");
}

TEST_F(UeventSourceTest, IsQuietWhenThereIsNothingToRead) {
    while (::recv(source_->fd(), nullptr, 0, MSG_DONTWAIT) >= 0) {
    }
    loop_.deliver_fd(source_->fd());
    EXPECT_EQ(overflows_, 0);
    EXPECT_TRUE(problems_.empty());
}

} // namespace
} // namespace slipway
