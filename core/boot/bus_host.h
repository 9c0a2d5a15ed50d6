// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/unique_fd.h"
#include "boot/bus_packet.h"
#include "engine/events.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// PID 1's side of the status interface: holds the socket that clients connect to, starts the bus
// process when the first one does, and gives it the record of the boot, from its beginning on and
// as it grows. The bus process plays the record with an engine of its own, so that there is nothing
// to ask PID 1 for.
//
// With nobody connected this costs one descriptor in the loop. A bus process that is slow lags; it
// is never waited for, and nothing is queued for it but the record and the log, which are bounded
// and there anyway. When it dies, the next client starts another one.
class BusHost {
public:
    struct Sources {
        std::function<std::string_view()> record; // what Recorder::text() says
    };
    struct Handlers {
        // What a person asks for; runs from the event loop.
        std::function<void(UserCommand)> command;
        // From a break. Empty: there are no breaks.
        std::function<Result<>()> go_on;
    };
    struct Paths {
        std::string socket = "/run/slipway/bus";
        std::string program = "/usr/lib/slipway/slipway-bus";
    };

    // How often a bus process is started, and how long after the end of the last one: twice as long
    // each time. A client that makes it fall must not keep the machine busy.
    static constexpr unsigned kMaxStarts = 5;
    static constexpr Duration kFirstPause = std::chrono::milliseconds(250);
    // Between two looks of the loop at its other work.
    static constexpr unsigned kPacketsPerRound = 8;
    // For the bus process to end by itself before the switch.
    static constexpr Duration kPatience = std::chrono::milliseconds(300);

    // All three outlive the host.
    BusHost(System &system, EventLoop &loop, Log &log, Sources sources, Paths paths);

    void set_handlers(Handlers handlers) { handlers_ = std::move(handlers); }
    // Opens the socket. Does nothing when it is open, or when the image has no bus process.
    [[nodiscard]] Result<> open();
    // Call after each round of the loop: gives the bus process what is new.
    void feed();
    // Before the switch: nobody is served any more, and the bus process ends. Calls `done` when it
    // has, at once if there is none.
    void end(std::function<void()> done);

    [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(listener_); }

private:
    [[nodiscard]] Result<> listen();
    [[nodiscard]] Result<> watch_listener();
    void start();
    [[nodiscard]] Result<pid_t> spawn();
    void ended(ChildExit exit);
    void give_up(const std::string &why);
    void close_listener();

    [[nodiscard]] bool has_more() const;
    void send_some();
    // False: the bus process does not take more now.
    [[nodiscard]] bool send_next();
    [[nodiscard]] bool send_record();
    [[nodiscard]] bool send_log_line();
    [[nodiscard]] bool send(bus::Kind kind, std::string_view text);
    void watch_channel();
    void channel_is_ready(std::uint32_t events);
    void receive();
    void carry_out(const bus::Command &command);
    void refuse_format();

    System &system_;
    EventLoop &loop_;
    Log &log_;
    Sources sources_;
    Paths paths_;
    Handlers handlers_;
    UniqueFd listener_;
    EventSourcePtr listener_source_;
    EventSourcePtr pause_;

    unsigned starts_ = 0;
    pid_t process_ = 0; // 0: none
    EventSourcePtr process_source_;
    UniqueFd channel_;
    EventSourcePtr channel_source_;
    std::uint32_t channel_events_ = 0; // what channel_source_ watches
    std::size_t record_sent_ = 0;      // bytes
    std::size_t log_sent_ = 0;         // lines since the start of the boot
    std::optional<bus::Reply> reply_;  // not sent yet; until then no command is read
    std::function<void()> done_;
};

} // namespace slipway
