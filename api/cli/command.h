// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace CLI {
class App;
}

namespace slipway::cli {

// Exit statuses of all subcommands, documented in slipway(1).
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// Runs a subcommand whose options have been parsed; returns an exit status.
using Run = std::function<int()>;

struct Command {
    std::string_view name;
    std::string_view summary; // one line of the help
    // Declares options and arguments on `app`; what they are parsed into belongs to the returned
    // function.
    Run (*declare)(CLI::App &app);
};

// All subcommands of the program, in the order of the help. To add one: a file <name>_command.cpp,
// its declaration below, and a line in commands.cpp; if images hold it, also in live_table.cpp.
[[nodiscard]] std::span<const Command> commands();

[[nodiscard]] Run declare_blame(CLI::App &app);
[[nodiscard]] Run declare_build(CLI::App &app);
[[nodiscard]] Run declare_cat(CLI::App &app);
[[nodiscard]] Run declare_compare(CLI::App &app);
[[nodiscard]] Run declare_critical_chain(CLI::App &app);
[[nodiscard]] Run declare_ls(CLI::App &app);
[[nodiscard]] Run declare_plot(CLI::App &app);
[[nodiscard]] Run declare_report(CLI::App &app);
[[nodiscard]] Run declare_replay(CLI::App &app);
[[nodiscard]] Run declare_verify(CLI::App &app);

// Of a running boot; these are also in the program that images hold.
[[nodiscard]] Run declare_answer(CLI::App &app);
[[nodiscard]] Run declare_continue(CLI::App &app);
[[nodiscard]] Run declare_devices(CLI::App &app);
[[nodiscard]] Run declare_log(CLI::App &app);
[[nodiscard]] Run declare_monitor(CLI::App &app);
[[nodiscard]] Run declare_retry(CLI::App &app);
[[nodiscard]] Run declare_skip(CLI::App &app);
[[nodiscard]] Run declare_status(CLI::App &app);
[[nodiscard]] Run declare_units(CLI::App &app);
[[nodiscard]] Run declare_why(CLI::App &app);

// Writes to standard output; returns an exit status, because that may be full or closed.
int write_out(std::string_view text);

// Writes "slipway: <text>" to standard error and returns kExitFailure.
int report_failure(std::string_view text);

} // namespace slipway::cli
