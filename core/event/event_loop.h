// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "base/text.h"

namespace slipway {

// Ends a subscription when it is destroyed. A source may be dropped inside its own callback.
class EventSource {
public:
    EventSource() = default;
    EventSource(const EventSource &) = delete;
    EventSource &operator=(const EventSource &) = delete;
    EventSource(EventSource &&) = delete;
    EventSource &operator=(EventSource &&) = delete;
    virtual ~EventSource() = default;
};
using EventSourcePtr = std::unique_ptr<EventSource>;

struct ChildExit {
    pid_t pid = -1;
    int code = 0;   // CLD_EXITED, CLD_KILLED, CLD_DUMPED: waitid(2)
    int status = 0; // exit code or signal number
};

// PID 1's only loop. Callbacks run one at a time, never nested. The fake of the tests has a
// hand-cranked clock.
class EventLoop {
public:
    EventLoop() = default;
    EventLoop(const EventLoop &) = delete;
    EventLoop &operator=(const EventLoop &) = delete;
    EventLoop(EventLoop &&) = delete;
    EventLoop &operator=(EventLoop &&) = delete;
    virtual ~EventLoop() = default;

    // Level triggered; `events` and the callback's argument are EPOLL* bits. The fd stays the
    // caller's and has to outlive the source.
    [[nodiscard]] virtual Result<EventSourcePtr>
    watch_fd(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) = 0;
    // As watch_fd(), but what is due here is called before all else that is due: for the telling of
    // causes, which must not come behind that of their effects.
    [[nodiscard]] virtual Result<EventSourcePtr>
    watch_fd_first(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) = 0;

    // Once, at `when` (microseconds of CLOCK_MONOTONIC); at once if that is past.
    [[nodiscard]] virtual Result<EventSourcePtr> at(Duration when,
                                                    std::function<void()> callback) = 0;

    // Once, when the child ends; the child is reaped by the loop. Uses a pidfd.
    [[nodiscard]] virtual Result<EventSourcePtr>
    watch_child(pid_t pid, std::function<void(ChildExit)> callback) = 0;

    // Each time the signal arrives. The signal must be blocked in the process: the loop's
    // constructor blocks those that PID 1 handles.
    [[nodiscard]] virtual Result<EventSourcePtr> watch_signal(int signal,
                                                              std::function<void()> callback) = 0;

    // Runs after each round of callbacks: where the engine's queue is drained.
    [[nodiscard]] virtual Result<EventSourcePtr>
    after_each_round(std::function<void()> callback) = 0;

    // Microseconds of CLOCK_MONOTONIC.
    [[nodiscard]] virtual Duration now() = 0;

    // Until stop(); the value given there comes back.
    [[nodiscard]] virtual Result<int> run() = 0;
    virtual void stop(int value) = 0;
};

} // namespace slipway
