// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/answer_trace.h"
#include "base/result.h"
#include "base/unique_fd.h"

struct sd_bus;

namespace slipway {

// The server's part of a client's authentication, which D-Bus does before the first message. Never
// waits, unlike sdbus-c++'s own way to make a server connection: one client that stalls must not
// keep the others waiting.
class PeerHandshake {
public:
    enum class State : std::uint8_t { waiting, done, failed };

    // Consumes the socket. Error: this end of it cannot be set up.
    [[nodiscard]] static Result<std::unique_ptr<PeerHandshake>> begin(UniqueFd socket);
    PeerHandshake(const PeerHandshake &) = delete;
    PeerHandshake &operator=(const PeerHandshake &) = delete;
    PeerHandshake(PeerHandshake &&) = delete;
    PeerHandshake &operator=(PeerHandshake &&) = delete;
    ~PeerHandshake();

    // When the socket is ready for what events() names; and once at the beginning.
    [[nodiscard]] State proceed();
    [[nodiscard]] int fd() const noexcept;
    [[nodiscard]] std::uint32_t events() const noexcept; // EPOLL*
    // The connection, for the caller to own; after `done`, and once.
    [[nodiscard]] sd_bus *release() noexcept;

private:
    explicit PeerHandshake(sd_bus *bus) noexcept : bus_(bus) {}

    sd_bus *bus_; // owned
};

// Is the other end of the socket a process of this process's own user (root)?
[[nodiscard]] bool is_peer_of_own_user(int socket);
// What answers leave behind that come from there. One that cannot be known counts as the worst.
[[nodiscard]] std::optional<AnswerTrace> trace_of_peer(int socket);

} // namespace slipway
