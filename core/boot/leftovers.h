// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// A process that nobody may take into the real root: what a program left behind in the background.
struct LeftoverProcess {
    pid_t pid = 0;
    std::string name; // argv[0]
};

// All processes but this one, kernel threads, and those that are meant to survive: their argv[0]
// begins with '@', systemd's convention for storage daemons.
[[nodiscard]] std::vector<LeftoverProcess> find_leftovers(System &system);

// Ends them before the switch: SIGTERM, and SIGKILL for who is still there a moment later.
class Leftovers {
public:
    // All three outlive this object.
    Leftovers(System &system, EventLoop &loop, Log &log)
        : system_(system), loop_(loop), log_(log) {}

    // Calls `done` when none is left, at once if there is none to begin with, and at the latest
    // after kPatience.
    void end(std::function<void()> done);

    static constexpr Duration kPatience = std::chrono::milliseconds(500);

private:
    void send(const std::vector<LeftoverProcess> &processes, int signal);

    System &system_;
    EventLoop &loop_;
    Log &log_;
    std::unique_ptr<EventSource> timer_;
    std::function<void()> done_;
};

} // namespace slipway
