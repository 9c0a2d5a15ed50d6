// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/ready_notices.h"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>

namespace slipway::sdk {
namespace {

using ::testing::StartsWith;

// As sd_notify(3) does it.
void notify(const ReadyNotices &notices, std::string_view message) {
    const std::string variable = notices.environment();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = variable.substr(variable.find('@') + 1);
    name.copy(&address.sun_path[1], name.size());
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    ASSERT_EQ(::sendto(socket.get(), message.data(), message.size(), 0,
                       reinterpret_cast<const sockaddr *>(&address), size),
              static_cast<ssize_t>(message.size()));
}

TEST(ReadyNotices, OnlyThatLineMeansReady) {
    EXPECT_TRUE(says_ready("READY=1"));
    EXPECT_TRUE(says_ready("STATUS=x\nREADY=1\n"));
    EXPECT_FALSE(says_ready("READY=10"));
    EXPECT_FALSE(says_ready("XREADY=1"));
    EXPECT_FALSE(says_ready(""));
}

TEST(ReadyNotices, AreTakenOneByOneAndNotWaitedFor) {
    const auto notices = ReadyNotices::open("test");
    ASSERT_TRUE(notices) << notices.error().message();
    EXPECT_THAT(notices->environment(), StartsWith("NOTIFY_SOCKET=@slipway/test/"));
    EXPECT_FALSE(notices->take_ready());
    notify(*notices, "STATUS=begins");
    notify(*notices, "READY=1\nSTATUS=x");
    EXPECT_FALSE(notices->take_ready());
    EXPECT_TRUE(notices->take_ready());
    EXPECT_FALSE(notices->take_ready());
}

TEST(ReadyNotices, AnAddressBelongsToOne) {
    const auto first = ReadyNotices::open("test");
    ASSERT_TRUE(first);
    EXPECT_FALSE(ReadyNotices::open("test"));
    EXPECT_FALSE(ReadyNotices::open(std::string(200, 'x')));
}

} // namespace
} // namespace slipway::sdk
