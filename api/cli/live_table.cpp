// SPDX-License-Identifier: LGPL-2.1-or-later
// The subcommands of slipway-live, the program in images: without what builds images.
#include <array>

#include "cli/command.h"

namespace slipway::cli {

std::span<const Command> commands() {
    static constexpr std::array kCommands = {
        Command{"status", "Show a running boot, live", declare_status},
        Command{"why", "Say what a running boot waits for, and why", declare_why},
        Command{"units", "List the units of a running boot", declare_units},
        Command{"devices", "List the devices of a running boot", declare_devices},
        Command{"log", "Print the log of a running boot", declare_log},
        Command{"monitor", "Print every change of a running boot", declare_monitor},
        Command{"answer", "Answer a question of a running boot", declare_answer},
        Command{"retry", "Try a failed unit again", declare_retry},
        Command{"skip", "Go on without a unit", declare_skip},
        Command{"continue", "Leave a break", declare_continue},
    };
    return kCommands;
}

} // namespace slipway::cli
