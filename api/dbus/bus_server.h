// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>

#include "base/unique_fd.h"
#include "dbus/bus_client.h"
#include "dbus/bus_requests.h"
#include "dbus/pid1_link.h"
#include "dbus/prompt_agent.h"
#include "dbus/status_board.h"
#include "event/event_loop.h"

namespace slipway {

// The bus process: shows clients the copy of the boot that it keeps, and takes their commands to
// PID 1. Owned by main.
class BusServer final : public BusRequests {
public:
    static constexpr std::size_t kMaxClients = 32;
    // Changes are told together, this long after the first one.
    static constexpr Duration kRhythm = std::chrono::milliseconds(50);
    // After PID 1 said farewell, for clients to read that.
    static constexpr Duration kFarewell = std::chrono::milliseconds(50);

    struct Sockets {
        UniqueFd listener;
        UniqueFd channel;
    };

    // The references outlive the server.
    BusServer(EventLoop &loop, Sockets sockets, PromptAgent &agent);

    // Clients are accepted once the boot is known up to now.
    [[nodiscard]] Result<> start();

    void command(bus::Command command, Done done) override;
    [[nodiscard]] Result<> answer(BootMirror::PromptNumber prompt, const Secret &secret) override;
    void note(const std::string &text) override;

    [[nodiscard]] std::size_t clients() const noexcept { return clients_.size(); }

private:
    struct Slot {
        std::unique_ptr<BusClient> client;
        bool is_over = false;
    };

    void record(std::string_view piece, bool is_whole);
    void replied(const bus::Reply &reply);
    void farewell();
    void accept_all();
    void accept(UniqueFd socket);
    [[nodiscard]] bool make_room();
    void publish_soon();
    void publish();
    void remove_ended();

    EventLoop &loop_;
    UniqueFd listener_;
    PromptAgent &agent_;
    StatusBoard board_;
    Pid1Link link_;
    EventSourcePtr listener_source_;
    EventSourcePtr publication_;
    EventSourcePtr after_round_;
    EventSourcePtr end_;
    std::list<Slot> clients_; // the oldest first
    std::uint32_t last_serial_ = 0;
    std::map<std::uint32_t, Done> open_commands_;
};

} // namespace slipway
