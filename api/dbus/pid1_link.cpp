// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/pid1_link.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

Pid1Link::Pid1Link(EventLoop &loop, UniqueFd channel, Handlers handlers)
    : loop_(loop), channel_(std::move(channel)), handlers_(std::move(handlers)) {}

Result<> Pid1Link::start() {
    auto source = loop_.watch_fd(channel_.get(), EPOLLIN, [this](std::uint32_t) { receive(); });
    if (!source)
        return std::unexpected(std::move(source).error());
    source_ = std::move(*source);
    return {};
}

void Pid1Link::receive() {
    for (unsigned i = 0; i < kPacketsPerRound && receive_one(); ++i) {
    }
}

bool Pid1Link::receive_one() {
    static_assert(bus::kMaxPiece >= bus::kMaxCommandBytes);
    // A line of the log is at most 4 KiB, and written with up to three bytes for one.
    std::vector<char> buffer(bus::kMaxPiece + 1);
    const ssize_t size = ::recv(channel_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (size <= 0) {
        source_.reset();
        handlers_.farewell();
        return false;
    }
    take(static_cast<bus::Kind>(buffer.front()),
         {buffer.data() + 1, static_cast<std::size_t>(size) - 1});
    return source_ != nullptr;
}

// PID 1 is trusted; what is not understood can only come of a mixture of versions, and is left out.
void Pid1Link::take(bus::Kind kind, std::string_view text) {
    switch (kind) {
    case bus::Kind::record:
    case bus::Kind::whole_record:
        return handlers_.record(text, kind == bus::Kind::whole_record);
    case bus::Kind::log:
        if (auto line = bus::decode_log_line(text))
            handlers_.log(std::move(*line));
        return;
    case bus::Kind::lost_log:
        return handlers_.log({.level = LogLevel::notice,
                              .text = std::string(text) + " older lines were dropped",
                              .source = {},
                              .time = Duration(0)});
    case bus::Kind::reply:
        if (auto reply = bus::decode_reply(text))
            handlers_.reply(std::move(*reply));
        return;
    case bus::Kind::farewell:
        return handlers_.farewell();
    }
}

Result<> Pid1Link::send(const bus::Command &command) {
    const std::string packet = bus::encode(command);
    if (packet.size() > bus::kMaxCommandBytes)
        return errno_failure("send a command to PID 1", EMSGSIZE);
    if (::send(channel_.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return errno_failure("send a command to PID 1", errno);
    return {};
}

} // namespace slipway
