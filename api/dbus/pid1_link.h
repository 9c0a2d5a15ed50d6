// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string_view>

#include "base/log.h"
#include "base/unique_fd.h"
#include "boot/bus_packet.h"
#include "event/event_loop.h"

namespace slipway {

// The bus process's end of its channel to PID 1 (core/boot/bus_host.h).
class Pid1Link {
public:
    struct Handlers {
        std::function<void(std::string_view piece, bool is_whole)> record;
        std::function<void(LogRecord line)> log;
        std::function<void(bus::Reply reply)> reply;
        std::function<void()> farewell; // also when PID 1 closes the channel without one
    };

    // Between two looks of the loop at clients.
    static constexpr unsigned kPacketsPerRound = 16;

    // `loop` outlives the link.
    Pid1Link(EventLoop &loop, UniqueFd channel, Handlers handlers);

    [[nodiscard]] Result<> start();
    // Never waits. EAGAIN: PID 1 has not taken the earlier ones yet.
    [[nodiscard]] Result<> send(const bus::Command &command);

private:
    void receive();
    [[nodiscard]] bool receive_one();
    void take(bus::Kind kind, std::string_view text);

    EventLoop &loop_;
    UniqueFd channel_;
    Handlers handlers_;
    EventSourcePtr source_;
};

} // namespace slipway
