// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace slipway {

namespace {

// Room for one descriptor in the control part of a message (cmsg(3)).
struct alignas(cmsghdr) ControlBuffer {
    std::array<std::byte, CMSG_SPACE(sizeof(int))> bytes{};
};

UniqueFd received_fd(msghdr &header) {
    for (cmsghdr *part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part), sizeof(fd));
            return UniqueFd(fd);
        }
    }
    return {};
}

} // namespace

Result<std::pair<Channel, Channel>> Channel::create_pair() {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return errno_failure("make a socket pair for a worker", errno);
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    const int bytes = static_cast<int>(kMaxPacketBytes) * 2;
    for (const int fd : ends) {
        // Beyond the usual limit only for root; the default still holds one packet.
        if (::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0)
            (void)::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    }
    if (::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0)
        return errno_failure("make a worker's socket non-blocking", errno);
    return std::pair(Channel(std::move(ours)), Channel(std::move(theirs)));
}

Result<> Channel::send(const Message &message, int fd) {
    std::vector<std::byte> packet = encode(message);
    if (packet.size() > kMaxPacketBytes)
        return errno_failure("send a message of " + std::to_string(packet.size()) + " bytes",
                             EMSGSIZE);
    iovec data{packet.data(), packet.size()};
    ControlBuffer control;
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    if (fd >= 0) {
        header.msg_control = control.bytes.data();
        header.msg_controllen = control.bytes.size();
        cmsghdr *part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(part), &fd, sizeof(fd));
    }
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno_failure("send to the other end of a worker's socket", errno);
    return {};
}

Result<std::optional<Channel::Received>> Channel::receive() {
    buffer_.resize(kMaxPacketBytes);
    iovec data{buffer_.data(), buffer_.size()};
    ControlBuffer control;
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
    ssize_t size = 0;
    do {
        size = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return std::nullopt;
    if (size <= 0) {
        is_closed_ = true;
        return std::nullopt;
    }
    UniqueFd fd = received_fd(header);
    auto message = decode(std::span(buffer_).first(static_cast<std::size_t>(size)));
    if (!message || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        return errno_failure("read a message from the other end of a worker's socket", EPROTO);
    return Received{std::move(*message), std::move(fd)};
}

} // namespace slipway
