// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "dbus/bus_requests.h"
#include "dbus/status_board.h"
#include "event/event_loop.h"

namespace slipway {

inline constexpr const char *kBusName = "org.slipway";

// The status interface on a booted host: the objects of a boot that is over, on the system bus,
// read only. Started by the bus when somebody asks, and gone when nobody has asked for a while.
// Owned by main.
class HostBus final : public BusRequests {
public:
    // Without a message. Starting again costs a fraction of a second.
    static constexpr Duration kIdle = std::chrono::seconds(30);
    // Messages between two looks at signals and timers.
    static constexpr unsigned kMessagesPerRound = 64;

    // The references outlive this object; `board` does not change any more.
    HostBus(EventLoop &loop, const StatusBoard &board, Duration idle = kIdle);
    HostBus(const HostBus &) = delete;
    HostBus &operator=(const HostBus &) = delete;
    HostBus(HostBus &&) = delete;
    HostBus &operator=(HostBus &&) = delete;
    ~HostBus() override;

    // Connects, and takes the name when all objects are there. Error: why that is not possible.
    [[nodiscard]] Result<> start();

    // Not reached: the objects refuse first, with the name of that error.
    void command(bus::Command command, Done done) override;
    [[nodiscard]] Result<> answer(BootMirror::PromptNumber prompt, const Secret &secret) override;
    void note(const std::string &text) override;

private:
    struct Connection; // hides sdbus-c++

    [[nodiscard]] Result<> watch();
    void process();
    void rest();
    void leave();

    EventLoop &loop_;
    const StatusBoard &board_;
    Duration idle_;
    std::unique_ptr<Connection> connection_;
    EventSourcePtr source_;
    std::uint32_t events_ = 0; // what source_ watches
    EventSourcePtr soon_;
    EventSourcePtr end_;
};

} // namespace slipway
