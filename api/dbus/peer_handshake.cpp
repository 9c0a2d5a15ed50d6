// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/peer_handshake.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include <poll.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>

namespace slipway {

namespace {

constexpr int kSendBuffer = 256 << 10;

} // namespace

Result<std::unique_ptr<PeerHandshake>> PeerHandshake::begin(UniqueFd socket) {
    sd_bus *bus = nullptr;
    if (const int code = sd_bus_new(&bus); code < 0)
        return errno_failure("make a D-Bus connection", -code);
    std::unique_ptr<PeerHandshake> handshake(new PeerHandshake(bus));
    sd_id128_t id{};
    int code = sd_id128_randomize(&id);
    if (code >= 0)
        code = sd_bus_set_fd(bus, socket.get(), socket.get());
    if (code < 0)
        return errno_failure("set up a D-Bus connection", -code);
    (void)socket.release(); // the bus closes it
    code = sd_bus_set_server(bus, 1, id);
    if (code >= 0)
        code = sd_bus_start(bus);
    if (code < 0)
        return errno_failure("start a D-Bus connection", -code);
    // sd-bus asks for 8 MiB, which the kernel would keep for each client that does not read.
    (void)::setsockopt(sd_bus_get_fd(bus), SOL_SOCKET, SO_SNDBUF, &kSendBuffer,
                       sizeof(kSendBuffer));
    return handshake;
}

PeerHandshake::~PeerHandshake() {
    // Without flushing, which would wait for the client.
    sd_bus_close_unref(bus_);
}

PeerHandshake::State PeerHandshake::proceed() {
    while (true) {
        // Before every step: the client's first message is for the objects that are not there yet.
        if (sd_bus_is_ready(bus_) > 0)
            return State::done;
        const int code = sd_bus_process(bus_, nullptr);
        if (code < 0 || sd_bus_is_open(bus_) <= 0)
            return State::failed;
        if (code == 0)
            return sd_bus_is_ready(bus_) > 0 ? State::done : State::waiting;
    }
}

int PeerHandshake::fd() const noexcept {
    return sd_bus_get_fd(bus_);
}

std::uint32_t PeerHandshake::events() const noexcept {
    static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT);
    const int events = sd_bus_get_events(bus_);
    return events < 0 ? EPOLLIN : static_cast<std::uint32_t>(events);
}

sd_bus *PeerHandshake::release() noexcept {
    return std::exchange(bus_, nullptr);
}

bool is_peer_of_own_user(int socket) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.uid == ::geteuid();
}

std::optional<AnswerTrace> trace_of_peer(int socket) {
    sockaddr_un address{};
    socklen_t size = sizeof(address);
    if (::getpeername(socket, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return AnswerTrace::buffers;
    const std::size_t begin = offsetof(sockaddr_un, sun_path) + 1; // of an abstract address
    if (size <= begin || address.sun_path[0] != '\0')
        return std::nullopt;
    return trace_of_client(
        {&address.sun_path[1], std::min<std::size_t>(size, sizeof(address)) - begin});
}

} // namespace slipway
