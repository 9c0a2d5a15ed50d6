// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/command.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <format>
#include <string>

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
    };
    return kCommands;
}

int write_out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        return report_failure(std::format("cannot write the output: {}", std::strerror(errno)));
    return kExitOk;
}

int report_failure(std::string_view text) {
    const std::string line = std::format("slipway: {}\n", text);
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
    return kExitFailure;
}

} // namespace slipway::cli
