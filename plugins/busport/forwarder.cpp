// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/forwarder.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/secret.h"

namespace slipway::busport {

namespace {

// The host's end of a port cannot be closed from here, and a client would wait for ever. This is
// neither an answer in the handshake nor a message, so it makes each client close its end: libdbus
// and GLib at the first line, sd-bus, which reads the answers of the handshake together, at the
// third.
constexpr std::string_view kFarewell = "ERROR\r\nERROR\r\nERROR\r\n";

bool would_block(int code) {
    return code == EAGAIN || code == EINTR;
}

// Of a socket: unix(7).
struct Address {
    sockaddr_un bytes{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr *get() const noexcept {
        return reinterpret_cast<const sockaddr *>(&bytes);
    }
};

Address address_of(std::string_view path) {
    Address address;
    address.bytes.sun_family = AF_UNIX;
    path.copy(address.bytes.sun_path, sizeof(address.bytes.sun_path));
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return address;
}

// The bus process must know such a client before it listens to it.
Result<> bind_to(const UniqueFd &fd, AnswerTrace trace) {
    const Address own = address_of('\0' + address_of_client(trace, ::getpid()));
    if (::bind(fd.get(), own.get(), own.size) != 0)
        return errno_failure("say to the bus process that a client comes from the host", errno);
    return {};
}

Result<UniqueFd> connect_to(const Forwarder::Destination &bus) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return errno_failure("make a socket", errno);
    if (bus.trace) {
        if (auto bound = bind_to(fd, *bus.trace); !bound)
            return std::unexpected(std::move(bound).error());
    }
    if (bus.socket.size() >= sizeof(sockaddr_un::sun_path))
        return errno_failure("connect to " + bus.socket, ENAMETOOLONG);
    const Address address = address_of(bus.socket);
    if (::connect(fd.get(), address.get(), address.size) != 0)
        return errno_failure("connect to " + bus.socket, errno);
    return fd;
}

} // namespace

void Forwarder::Buffer::fill(std::size_t size) noexcept {
    begin_ = 0;
    end_ = size;
}

void Forwarder::Buffer::take(std::size_t size) noexcept {
    wipe_memory(std::as_writable_bytes(std::span(bytes_).subspan(begin_, size)));
    begin_ += size;
}

Forwarder::Forwarder(UniqueFd port, Destination destination, Notice notice,
                     std::chrono::milliseconds grace)
    : port_(std::move(port)), destination_(std::move(destination)), notice_(std::move(notice)),
      grace_(grace) {
    // There is no swap in an initrd, so a refused lock loses nothing.
    (void)::mlock(this, sizeof(*this));
}

Forwarder::~Forwarder() {
    in_.clear();
    out_.clear();
    (void)::munlock(this, sizeof(*this));
}

Result<> Forwarder::run(int stop) {
    if (auto watched = watch_port(); !watched)
        return watched;
    do {
        if (auto moved = move_all(); !moved)
            return moved;
    } while (wait(stop));
    take_leave();
    return {};
}

// As long as nobody is connected poll(2) reports a hang-up without end; an edge comes only when
// something changes.
Result<> Forwarder::watch_port() {
    edges_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    if (!edges_)
        return errno_failure("watch the port", errno);
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {}};
    if (::epoll_ctl(edges_.get(), EPOLL_CTL_ADD, port_.get(), &event) != 0)
        return errno_failure("watch the port", errno);
    return {};
}

Result<> Forwarder::move_all() {
    while (true) {
        const auto in = move_in();
        if (!in)
            return std::unexpected(in.error());
        const auto out = move_out();
        if (!out)
            return std::unexpected(out.error());
        if (!*in && !*out)
            return {};
    }
}

// ---- from the host ------------------------------------------------------------------------------

Result<bool> Forwarder::move_in() {
    if (in_.is_empty()) {
        if (auto is_read = read_port(); !is_read || !*is_read)
            return is_read;
    }
    if (piece_ == 0) {
        const auto [size, is_beginning] = stream_.next(in_.view());
        piece_ = size;
        if (is_beginning)
            connect_bus();
    }
    return send_to_bus();
}

Result<bool> Forwarder::read_port() {
    ssize_t size = 0;
    do
        size = ::read(port_.get(), in_.room().data(), in_.room().size());
    while (size < 0 && errno == EINTR);
    if (size < 0 && errno != EAGAIN)
        return errno_failure("read from the port", errno);
    is_unconnected_ = size == 0;
    if (size > 0)
        in_.fill(static_cast<std::size_t>(size));
    return size > 0;
}

// What is for a client that the bus process has dropped is dropped, too.
bool Forwarder::send_to_bus() {
    std::size_t sent = piece_;
    if (bus_) {
        const ssize_t size =
            ::send(bus_.get(), in_.view().data(), piece_, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size >= 0)
            sent = static_cast<std::size_t>(size);
        else if (would_block(errno))
            return false;
        else
            lose_bus();
    }
    in_.take(sent);
    piece_ -= sent;
    return true;
}

// ---- to the host --------------------------------------------------------------------------------

Result<bool> Forwarder::move_out() {
    if (out_.is_empty() && !receive_from_bus())
        return false;
    const ssize_t size = ::write(port_.get(), out_.view().data(), out_.view().size());
    if (size < 0 && would_block(errno))
        return false;
    if (size < 0)
        return errno_failure("write to the port", errno);
    out_.take(static_cast<std::size_t>(size));
    return true;
}

// True: there is something for the host.
bool Forwarder::receive_from_bus() {
    if (bus_) {
        const ssize_t size =
            ::recv(bus_.get(), out_.room().data(), out_.room().size(), MSG_DONTWAIT);
        if (size < 0 && would_block(errno))
            return false;
        if (size > 0) {
            out_.fill(static_cast<std::size_t>(size));
            return true;
        }
        lose_bus();
    }
    if (!std::exchange(owes_farewell_, false))
        return false;
    std::ranges::copy(kFarewell, out_.room().begin());
    out_.fill(kFarewell.size());
    return true;
}

// ---- clients ------------------------------------------------------------------------------------

void Forwarder::connect_bus() {
    out_.clear(); // of the client before
    has_served_ = true;
    owes_farewell_ = false;
    bus_.reset();
    auto connected = connect_to(destination_);
    if (connected) {
        bus_ = std::move(*connected);
        return;
    }
    notice_(connected.error().message());
    lose_bus();
}

void Forwarder::lose_bus() {
    bus_.reset();
    owes_farewell_ = !is_unconnected_;
}

void Forwarder::take_leave() {
    if (bus_)
        lose_bus();
    while (const auto moved = move_out()) {
        if (!*moved)
            break;
    }
}

void Forwarder::hang_up() {
    bus_.reset();
    out_.clear();
    owes_farewell_ = false;
    stream_.reset();
}

bool Forwarder::wait(int stop) {
    const int wanted = (out_.is_empty() ? POLLIN : 0) | (in_.is_empty() ? 0 : POLLOUT);
    std::array<pollfd, 3> polls = {{{.fd = stop, .events = POLLIN, .revents = 0},
                                    {.fd = edges_.get(), .events = POLLIN, .revents = 0},
                                    // Not at all, or its end would be reported again and again.
                                    {.fd = wanted == 0 ? -1 : bus_.get(),
                                     .events = static_cast<short>(wanted),
                                     .revents = 0}}};
    const int limit = is_unconnected_ && bus_ ? static_cast<int>(grace_.count()) : -1;
    int ready = 0;
    do
        ready = ::poll(polls.data(), polls.size(), limit);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        hang_up();
    epoll_event edge{};
    (void)::epoll_wait(edges_.get(), &edge, 1, 0); // it is dealt with
    return polls[0].revents == 0;
}

} // namespace slipway::busport
