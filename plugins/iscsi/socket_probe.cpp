// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/socket_probe.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <string_view>

#include "base/scope_exit.h"
#include "base/unique_fd.h"

namespace slipway::iscsi {

namespace {

constexpr std::size_t kMaxAddresses = 8;

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<AddressList> look_up(const std::string &server, const std::string &port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo *found = nullptr;
    const int code =
        ::getaddrinfo(server.c_str(), port.empty() ? nullptr : port.c_str(), &hints, &found);
    if (code != 0)
        return failure(
            std::format("the address of {} cannot be found: {}", server, ::gai_strerror(code)));
    return AddressList(found, &::freeaddrinfo);
}

std::string numeric(const sockaddr *address, socklen_t size) {
    std::array<char, NI_MAXHOST> text{};
    const int code =
        ::getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return code == 0 ? std::string(text.data()) : std::string();
}

// No route, or none yet, as connect(2) says it at once.
bool says_no_route(int code) {
    return code == ENETUNREACH || code == EHOSTUNREACH || code == ENETDOWN ||
           code == EADDRNOTAVAIL || code == ENODEV;
}

std::string interface_with(const std::string &own_address) {
    ifaddrs *list = nullptr;
    if (::getifaddrs(&list) != 0)
        return {};
    const ScopeExit free_list([list] { ::freeifaddrs(list); });
    for (const ifaddrs *at = list; at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr)
            continue;
        const int family = at->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6)
            continue;
        const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        if (numeric(at->ifa_addr, size) == own_address)
            return at->ifa_name;
    }
    return {};
}

class SocketProbe final : public PortalProbe {
public:
    explicit SocketProbe(std::chrono::milliseconds patience) : patience_(patience) {}

    Result<std::vector<std::string>> resolve(const std::string &server) override {
        const auto list = look_up(server, "", 0);
        if (!list)
            return std::unexpected(list.error());
        std::vector<std::string> addresses;
        for (const addrinfo *at = list->get(); at != nullptr && addresses.size() < kMaxAddresses;
             at = at->ai_next) {
            if (std::string text = numeric(at->ai_addr, at->ai_addrlen); !text.empty())
                addresses.push_back(std::move(text));
        }
        if (addresses.empty())
            return failure(std::format("{} has no address", server));
        return addresses;
    }

    Reach connect(const std::string &address, std::uint16_t port,
                  const std::string &netdev) override {
        const auto list = look_up(address, std::to_string(port), AI_NUMERICHOST | AI_NUMERICSERV);
        if (!list)
            return {Reach::State::failed, list.error().message(), {}};
        Reach reach = find_way(**list, netdev);
        if (reach.state == Reach::State::answers)
            try_connection(**list, netdev, reach);
        return reach;
    }

private:
    // A datagram socket that is connected asks for the route, and sends nothing.
    static Reach find_way(const addrinfo &to, const std::string &netdev) {
        Reach reach;
        const UniqueFd socket(::socket(to.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        int code = socket ? bind_to(socket, netdev) : errno;
        if (code == 0 && ::connect(socket.get(), to.ai_addr, to.ai_addrlen) != 0)
            code = errno;
        if (code != 0) {
            reach.state = says_no_route(code) ? Reach::State::no_route : Reach::State::failed;
            reach.reason = std::strerror(code);
            return reach;
        }
        reach.state = Reach::State::answers;
        sockaddr_storage own{};
        socklen_t size = sizeof(own);
        if (::getsockname(socket.get(), reinterpret_cast<sockaddr *>(&own), &size) == 0)
            reach.interface_name =
                interface_with(numeric(reinterpret_cast<const sockaddr *>(&own), size));
        return reach;
    }

    void try_connection(const addrinfo &to, const std::string &netdev, Reach &reach) const {
        const UniqueFd socket(
            ::socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        int code = socket ? bind_to(socket, netdev) : errno;
        if (code == 0 && ::connect(socket.get(), to.ai_addr, to.ai_addrlen) != 0)
            code = errno == EINPROGRESS ? wait(socket) : errno;
        if (code == 0)
            return;
        reach.state = Reach::State::failed;
        reach.reason = code == ECONNREFUSED
                           ? "connection refused; does the server's iSCSI service run?"
                       : code == ETIMEDOUT ? "no answer; is the server up?"
                                           : std::strerror(code);
    }

    [[nodiscard]] int wait(const UniqueFd &socket) const {
        pollfd poll{socket.get(), POLLOUT, 0};
        const int count = ::poll(&poll, 1, static_cast<int>(patience_.count()));
        if (count == 0)
            return ETIMEDOUT;
        int code = 0;
        socklen_t size = sizeof(code);
        if (count < 0 || ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size) != 0)
            return errno;
        return code;
    }

    static int bind_to(const UniqueFd &socket, const std::string &netdev) {
        if (netdev.empty() ||
            ::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, netdev.c_str(),
                         static_cast<socklen_t>(netdev.size())) == 0)
            return 0;
        return errno;
    }

    std::chrono::milliseconds patience_;
};

} // namespace

std::unique_ptr<PortalProbe> make_socket_probe(std::chrono::milliseconds patience) {
    return std::make_unique<SocketProbe>(patience);
}

} // namespace slipway::iscsi
