// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/session_removal.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "iscsi/session_table.h"
#include "unit/plugins/iscsi/fake_tree.h"

namespace slipway::iscsi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kTransport = 0xffffffffc0de0000;
constexpr std::size_t kHeader = 16; // of netlink(7)
// Longer than the kernel's struct iscsi_uevent of any version, which has 56 bytes.
constexpr std::size_t kLeastSize = kHeader + 56;

template <typename Number>
Number number_at(const std::vector<char> &message, std::size_t offset) {
    Number number = 0;
    std::memcpy(&number, message.data() + kHeader + offset, sizeof(number));
    return number;
}

// The kernel's end of the socket: answers each message as it is told, and news first if it shall.
class FakeKernel {
public:
    explicit FakeKernel(int socket) : socket_(socket) {}

    void answer(const std::vector<int> &errors) {
        for (const int error : errors) {
            std::vector<char> message(4096);
            const ssize_t size = ::recv(socket_, message.data(), message.size(), 0);
            message.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
            messages.push_back(message);
            if (sends_news) {
                const std::uint32_t other = 102; // a connection has an error
                std::vector<char> news = message;
                std::memcpy(news.data() + kHeader, &other, sizeof(other));
                (void)::send(socket_, news.data(), news.size(), 0);
                (void)::send(socket_, "short", 5, 0);
            }
            std::memcpy(message.data() + kHeader + 4, &error, sizeof(error));
            (void)::send(socket_, message.data(), message.size(), 0);
        }
    }

    std::vector<std::vector<char>> messages;
    bool sends_news = false;

private:
    int socket_;
};

class Removal : public ::testing::Test {
protected:
    Removal() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
    Result<> remove(FakeKernel &kernel, const std::vector<int> &errors) {
        std::jthread thread([&] { kernel.answer(errors); });
        return remove_kernel_session(ours.get(), kTransport, 7);
    }
    UniqueFd ours;
    UniqueFd theirs;
};

TEST_F(Removal, StopsTheConnectionThenDestroysItAndTheSession) {
    FakeKernel kernel(theirs.get());
    ASSERT_TRUE(remove(kernel, {0, 0, 0}));
    std::vector<std::uint32_t> types;
    for (const std::vector<char> &message : kernel.messages) {
        ASSERT_GE(message.size(), kLeastSize);
        types.push_back(number_at<std::uint32_t>(message, 0));
        EXPECT_EQ(number_at<std::uint64_t>(message, 8), kTransport);
        EXPECT_EQ(number_at<std::uint32_t>(message, 16), 7U);
        EXPECT_EQ(number_at<std::uint32_t>(message, 20), 0U);
    }
    EXPECT_THAT(types, ElementsAre(18, 14, 12));
    EXPECT_EQ(number_at<std::uint32_t>(kernel.messages[0], 32), 1U) << "for good, not to recover";
}

TEST_F(Removal, DoesNotGoOnAfterARefusal) {
    FakeKernel kernel(theirs.get());
    const auto removed = remove(kernel, {0, -EBUSY});
    ASSERT_FALSE(removed);
    EXPECT_THAT(removed.error().message(), HasSubstr("Device or resource busy"));
}

TEST_F(Removal, IsNotMisledByOtherMessages) {
    FakeKernel kernel(theirs.get());
    kernel.sends_news = true;
    EXPECT_TRUE(remove(kernel, {0, 0, 0}));
}

TEST_F(Removal, EndsWhenTheKernelIsGone) {
    theirs.reset();
    EXPECT_FALSE(remove_kernel_session(ours.get(), kTransport, 7));
}

TEST(SessionNumber, IsReadFromItsName) {
    const auto number = [](const std::string &id) {
        return number_of({.id = id, .target = "", .address = "", .port = "", .interface_id = ""});
    };
    EXPECT_EQ(number("session3"), 3U);
    EXPECT_EQ(number("session"), std::nullopt);
    EXPECT_EQ(number("s"), std::nullopt);
    EXPECT_EQ(number("session3x"), std::nullopt);
    EXPECT_EQ(number("session99999999999"), std::nullopt);
}

TEST(TransportHandle, IsReadFromSysfs) {
    const test::FakeTree tree;
    EXPECT_EQ(SessionTable(tree.root()).transport_handle(), std::nullopt);
    tree.file("/sys/class/iscsi_transport/tcp/handle", "18446744072650375168\n");
    EXPECT_EQ(SessionTable(tree.root()).transport_handle(), 18446744072650375168U);
}

} // namespace
} // namespace slipway::iscsi
