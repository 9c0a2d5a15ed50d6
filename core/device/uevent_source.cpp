// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/uevent_source.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace slipway {

namespace {

// Coldplug makes a burst of thousands of events; the default buffer holds about a hundred.
constexpr int kReceiveBufferBytes = 16 << 20;
// So that a storm of events leaves the other sources of the loop their turn.
constexpr int kMaxMessagesPerRound = 64;
constexpr unsigned kKernelGroup = 1;

Result<> set_option(int fd, int option, int value, const char *what) {
    if (::setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) < 0)
        return errno_failure(what, errno);
    return {};
}

Result<UniqueFd> open_socket() {
    UniqueFd fd(
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!fd)
        return errno_failure("open the socket for kernel events", errno);
    // Beyond the system's limit only with CAP_NET_ADMIN; without it (tests) less must do.
    if (!set_option(fd.get(), SO_RCVBUFFORCE, kReceiveBufferBytes, "force the buffer size"))
        (void)set_option(fd.get(), SO_RCVBUF, kReceiveBufferBytes, "set the buffer size");
    if (auto set = set_option(fd.get(), SO_PASSCRED, 1, "ask for the senders of kernel events");
        !set)
        return std::unexpected(std::move(set.error()));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kKernelGroup;
    if (::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) < 0)
        return errno_failure("subscribe to kernel events", errno);
    return fd;
}

// Port 0 and process 0 are the kernel; a program of root could send to the socket as well.
bool is_from_kernel(const msghdr &header) {
    sockaddr_nl address{};
    if (header.msg_namelen < sizeof(address))
        return false;
    std::memcpy(&address, header.msg_name, sizeof(address));
    if (address.nl_pid != 0 || address.nl_groups != kKernelGroup)
        return false;
    const cmsghdr *control = CMSG_FIRSTHDR(&header);
    if (control == nullptr || control->cmsg_level != SOL_SOCKET ||
        control->cmsg_type != SCM_CREDENTIALS || control->cmsg_len < CMSG_LEN(sizeof(ucred)))
        return false;
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(control), sizeof(sender));
    return sender.pid == 0 && sender.uid == 0;
}

} // namespace

Result<std::unique_ptr<UeventSource>> UeventSource::open(EventLoop &loop, Handlers handlers) {
    auto socket = open_socket();
    if (!socket)
        return std::unexpected(std::move(socket.error()));
    std::unique_ptr<UeventSource> source(new UeventSource(std::move(*socket), std::move(handlers)));
    // What a job did to devices is known before the job's end.
    auto watch = loop.watch_fd_first(
        source->fd(), EPOLLIN, [self = source.get()](std::uint32_t) { self->receive_some(); });
    if (!watch)
        return std::unexpected(std::move(watch.error()).with_context("watch for kernel events"));
    source->source_ = std::move(*watch);
    return source;
}

void UeventSource::receive_some() {
    int messages = 0;
    while (messages < kMaxMessagesPerRound && receive_one())
        ++messages;
}

// False when there is nothing more to read.
bool UeventSource::receive_one() {
    std::array<char, kMaxUeventBytes> buffer;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    sockaddr_nl address{};
    iovec vector{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_name = &address;
    header.msg_namelen = sizeof(address);
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.get(), &header, 0);
    if (size < 0) {
        const int code = errno;
        if (code == ENOBUFS)
            handlers_.overflow();
        else if (code != EAGAIN && code != EINTR)
            handlers_.problem(Error::from_errno("receive a kernel event", code));
        return code == ENOBUFS || code == EINTR;
    }
    if (!is_from_kernel(header))
        return true;
    if ((header.msg_flags & MSG_TRUNC) != 0) {
        handlers_.problem(Error("a kernel event larger than 16384 bytes was dropped", EMSGSIZE));
        return true;
    }
    auto event = parse_uevent({buffer.data(), static_cast<std::size_t>(size)});
    if (event)
        handlers_.device(std::move(*event));
    else
        handlers_.problem(event.error());
    return true;
}

} // namespace slipway
