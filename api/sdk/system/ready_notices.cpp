// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/ready_notices.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <format>

#include "base/text.h"

namespace slipway::sdk {

bool says_ready(std::string_view message) {
    return std::ranges::contains(split_words(message, "\n"), "READY=1");
}

Result<ReadyNotices> ReadyNotices::open(std::string_view name) {
    std::string text = std::format("@slipway/{}/{}", name, ::getpid());
    sockaddr_un address{};
    if (text.size() > sizeof(address.sun_path))
        return errno_failure(std::format("open a socket for the notices of {}", name),
                             ENAMETOOLONG);
    address.sun_family = AF_UNIX;
    std::ranges::copy(std::string_view(text).substr(1), &address.sun_path[1]);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), size) != 0)
        return errno_failure(std::format("open a socket for the notices of {}", name), errno);
    return ReadyNotices(std::move(socket), std::move(text));
}

bool ReadyNotices::take_ready() const {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return size > 0 && says_ready({buffer.data(), static_cast<std::size_t>(size)});
}

} // namespace slipway::sdk
