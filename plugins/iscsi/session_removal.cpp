// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/session_removal.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace slipway::iscsi {

namespace {

constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};
constexpr std::uint32_t kStopForGood = 1; // STOP_CONN_TERM

enum class Step : std::uint16_t {
    destroy_session = 12,
    destroy_connection = 14,
    stop_connection = 18,
};

// struct iscsi_uevent, as far as these steps use it. The rest, which the kernel wants to be there,
// is room for its answer.
struct Event {
    std::uint32_t type = 0;
    std::uint32_t error = 0; // of an answer: 0, or the negative of an errno value
    std::uint64_t transport = 0;
    std::uint32_t session = 0;
    std::uint32_t connection = 0; // a session of the software transport has only number 0
    std::uint64_t unused = 0;
    std::uint32_t flag = 0;
    std::array<std::uint32_t, 7> rest{};
};
static_assert(offsetof(Event, transport) == 8 && offsetof(Event, flag) == 32);

struct Message {
    nlmsghdr header{};
    Event event;
};
static_assert(offsetof(Message, event) == NLMSG_HDRLEN);

Result<> perform(int socket, Event event, Step step) {
    event.type = static_cast<std::uint32_t>(step);
    Message message{.header = {}, .event = event};
    message.header.nlmsg_len = sizeof(message);
    message.header.nlmsg_type = static_cast<std::uint16_t>(step);
    message.header.nlmsg_flags = NLM_F_REQUEST;
    if (::send(socket, &message, sizeof(message), MSG_NOSIGNAL) < 0)
        return errno_failure("ask the kernel", errno);
    // News of other connections may come in between.
    constexpr int kMost = 100;
    for (int i = 0; i < kMost; ++i) {
        Message answer;
        const ssize_t size = ::recv(socket, &answer, sizeof(answer), 0);
        if (size < 0)
            return errno_failure("get the kernel's answer", errno);
        constexpr std::size_t kHead = offsetof(Message, event) + offsetof(Event, transport);
        if (static_cast<std::size_t>(size) < kHead || answer.event.type != event.type)
            continue;
        if (answer.event.error != 0)
            return errno_failure("the kernel refuses", static_cast<int>(0U - answer.event.error));
        return {};
    }
    return failure("the kernel does not answer");
}

} // namespace

Result<UniqueFd> open_transport_socket() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ISCSI));
    if (!socket)
        return errno_failure("open a socket to the kernel's iSCSI", errno);
    const sockaddr_nl kernel{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = 0};
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience)) != 0 ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&kernel), sizeof(kernel)) != 0)
        return errno_failure("reach the kernel's iSCSI", errno);
    return socket;
}

Result<> remove_kernel_session(int socket, std::uint64_t transport, std::uint32_t session) {
    const Event event{.transport = transport, .session = session};
    Event stop = event;
    stop.flag = kStopForGood;
    return perform(socket, stop, Step::stop_connection)
        .and_then([&] { return perform(socket, event, Step::destroy_connection); })
        .and_then([&] { return perform(socket, event, Step::destroy_session); });
}

} // namespace slipway::iscsi
