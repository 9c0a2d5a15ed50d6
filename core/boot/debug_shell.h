// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/log.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// A shell on a terminal of its own while the boot goes on: systemd.debug_shell. One that was left
// comes back, so that a person cannot lock themselves out. Owned by the initrd, in PID 1.
class DebugShell {
public:
    static constexpr Duration kPause = std::chrono::seconds(1);

    // All outlive this object.
    DebugShell(System &system, EventLoop &loop, Log &log)
        : system_(system), loop_(loop), log_(log) {}

    void start(Program program, std::string terminal);
    // Before the switch.
    void stop();

private:
    void spawn();
    void ended(const ChildExit &exit);

    System &system_;
    EventLoop &loop_;
    Log &log_;
    Program program_;
    std::string terminal_;
    pid_t process_ = -1;
    EventSourcePtr exit_;
    EventSourcePtr timer_;
};

} // namespace slipway
