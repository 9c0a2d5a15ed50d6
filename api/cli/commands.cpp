// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/command.h"

#include <array>

namespace slipway::cli {

std::span<const Command> commands() {
    static constexpr std::array kCommands = {
        Command{"build", "Build an initrd", declare_build},
        Command{"ls", "List what an initrd holds, and why", declare_ls},
        Command{"cat", "Print a file of an initrd", declare_cat},
        Command{"report", "How a finished boot went", declare_report},
        Command{"blame", "What took how long in a finished boot", declare_blame},
        Command{"critical-chain", "What a finished boot had to wait for", declare_critical_chain},
        Command{"plot", "Draw a finished boot", declare_plot},
        Command{"compare", "What differs between two boots", declare_compare},
        Command{"replay", "Run a recorded boot again, offline", declare_replay},
        Command{"verify", "Check unit files", declare_verify},
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
