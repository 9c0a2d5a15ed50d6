// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "base/unique_fd.h"
#include "nfs/linux_backend.h"

namespace slipway::nfs {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

// A TCP socket on the loopback interface, with a port that the kernel has chosen.
class Listener {
public:
    explicit Listener(bool is_listening)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto *const raw = reinterpret_cast<sockaddr *>(&address);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(socket_.get(), raw, size), 0);
        if (is_listening) {
            EXPECT_EQ(::listen(socket_.get(), 1), 0);
        }
        EXPECT_EQ(::getsockname(socket_.get(), raw, &size), 0);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    UniqueFd socket_;
    std::uint16_t port_ = 0;
};

const std::vector<Address> kLoopback = {{.text = "127.0.0.1", .is_v6 = false}};

TEST(LinuxBackend, SeesWhoAccepts) {
    const Listener listener(true);
    EXPECT_THAT(make_linux_backend()->connect(kLoopback, listener.port(), milliseconds(2000)),
                ElementsAre(0));
}

TEST(LinuxBackend, SeesWhoRefuses) {
    const Listener silent(false); // keeps the port for itself
    EXPECT_THAT(make_linux_backend()->connect(kLoopback, silent.port(), milliseconds(2000)),
                ElementsAre(ECONNREFUSED));
}

TEST(LinuxBackend, AnAddressThatIsNoneIsAnAnswerToo) {
    EXPECT_THAT(
        make_linux_backend()->connect({{.text = "nas", .is_v6 = false}}, 2049, milliseconds(2000)),
        ElementsAre(EINVAL));
}

TEST(LinuxBackend, ResolvesAddressesWithoutANameServer) {
    const auto four = make_linux_backend()->resolve("192.0.2.1");
    ASSERT_TRUE(four) << four.error().message();
    EXPECT_EQ(four->size(), 1U);
    EXPECT_EQ(four->front().text, "192.0.2.1");
    EXPECT_FALSE(four->front().is_v6);
    const auto six = make_linux_backend()->resolve("fd00::1");
    ASSERT_TRUE(six) << six.error().message();
    EXPECT_EQ(six->front().text, "fd00::1");
    EXPECT_TRUE(six->front().is_v6);
}

TEST(LinuxBackend, KnowsWhatIsNoMount) {
    EXPECT_FALSE(make_linux_backend()->is_mounted("/"));
    EXPECT_FALSE(make_linux_backend()->is_mounted("/no/such/place"));
}

} // namespace
} // namespace slipway::nfs
