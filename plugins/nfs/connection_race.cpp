// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/connection_race.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

namespace slipway::nfs {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

// 0: connected; EINPROGRESS: not yet.
int connect_to(const UniqueFd &socket, const addrinfo &address) {
    if (!socket)
        return errno;
    return ::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
}

int result_of(const UniqueFd &socket) {
    int code = 0;
    socklen_t size = sizeof(code);
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

} // namespace

void ConnectionRace::start(const Address &address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_family = address.is_v6 ? AF_INET6 : AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *raw = nullptr;
    const int code =
        ::getaddrinfo(address.text.c_str(), std::to_string(port).c_str(), &hints, &raw);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(raw, &::freeaddrinfo);
    if (code != 0) {
        sockets_.emplace_back();
        results_.push_back(EINVAL);
        return;
    }
    sockets_.emplace_back(
        ::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    results_.push_back(connect_to(sockets_.back(), *list));
}

bool ConnectionRace::is_decided() const {
    return std::ranges::contains(results_, 0) || !std::ranges::contains(results_, EINPROGRESS);
}

bool ConnectionRace::collect(milliseconds limit) {
    std::vector<pollfd> polled;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < results_.size(); ++i) {
        if (results_[i] != EINPROGRESS)
            continue;
        polled.push_back({sockets_[i].get(), POLLOUT, 0});
        indices.push_back(i);
    }
    if (::poll(polled.data(), polled.size(), static_cast<int>(limit.count())) < 0)
        return errno == EINTR;
    for (std::size_t i = 0; i < polled.size(); ++i) {
        if (polled[i].revents != 0)
            results_[indices[i]] = result_of(sockets_[indices[i]]);
    }
    return true;
}

std::vector<int> ConnectionRace::wait(milliseconds limit) {
    const auto end = steady_clock::now() + limit;
    while (!is_decided()) {
        const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
        if (left <= milliseconds{0} || !collect(left))
            break;
    }
    if (!std::ranges::contains(results_, 0))
        std::ranges::replace(results_, EINPROGRESS, ETIMEDOUT);
    return results_;
}

} // namespace slipway::nfs
