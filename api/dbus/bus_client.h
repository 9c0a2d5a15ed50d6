// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "dbus/client_session.h"
#include "dbus/peer_handshake.h"
#include "event/event_loop.h"

namespace slipway {

// One client, from the accepted socket to its end. Whatever it does or does not do costs nobody but
// itself.
class BusClient {
public:
    // To show who it is; and to read something of what was sent to it.
    static constexpr Duration kPatience = std::chrono::seconds(5);

    struct Parts {
        EventLoop &loop;
        const StatusBoard &board;
        BusRequests &requests;
    };

    // `over` runs once, from the event loop; it may destroy the client.
    BusClient(const Parts &parts, std::function<void()> over);

    // Error: the socket cannot be used.
    [[nodiscard]] Result<> start(UniqueFd socket);
    void publish();
    [[nodiscard]] bool has_session() const noexcept { return session_ != nullptr; }

private:
    void proceed();
    void open_session();
    void process();
    void arm();
    void watch(int fd, std::uint32_t events);
    void set_patience();
    void lose_patience();
    void end();

    Parts parts_;
    std::string answers_refused_;
    std::function<void()> over_;
    std::unique_ptr<PeerHandshake> handshake_;
    std::unique_ptr<ClientSession> session_;
    std::uint32_t events_ = 0;
    EventSourcePtr source_;
    EventSourcePtr patience_;
    EventSourcePtr soon_;
};

} // namespace slipway
