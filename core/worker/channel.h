// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/protocol.h"

namespace slipway {

// One end of the socket pair between PID 1 and a worker (unix(7), SOCK_SEQPACKET).
class Channel {
public:
    struct Received {
        Message message;
        UniqueFd fd; // what travelled along, if anything
    };

    explicit Channel(UniqueFd socket) noexcept : socket_(std::move(socket)) {}

    // Both ends, close-on-exec. PID 1's end (first) never blocks; the worker's end does.
    [[nodiscard]] static Result<std::pair<Channel, Channel>> create_pair();

    // `fd` is borrowed; -1 for none. EAGAIN when PID 1's end would have to wait; EMSGSIZE for a
    // message that is larger than the protocol allows.
    [[nodiscard]] Result<> send(const Message &message, int fd = -1);
    // Nothing: no packet now (PID 1's end), or the other side is gone; `is_closed()` tells. An
    // error of code EPROTO: a packet that is not a message.
    [[nodiscard]] Result<std::optional<Received>> receive();
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

private:
    UniqueFd socket_;
    std::vector<std::byte> buffer_; // of receive(), kept: a packet may be large
    bool is_closed_ = false;
};

} // namespace slipway
