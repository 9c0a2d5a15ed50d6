// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "live/live_client.h"

namespace CLI {
class App;
}

namespace slipway::cli {

// What all commands that look at a running boot have in common.
struct LiveOptions {
    std::string address = live::kDefaultAddress;
    bool json = false;
};

void declare_live_options(CLI::App &app, LiveOptions &options);

// Connects and hands the client to `run`; an exit status comes back.
[[nodiscard]] int with_boot(const LiveOptions &options,
                            const std::function<int(live::LiveClient &)> &run);

// To standard output. kExitFailure if it cannot be written.
[[nodiscard]] int print_result(std::string_view text);

// Of the terminal at standard output; no colours and no width if there is none.
[[nodiscard]] bool is_output_a_terminal();
[[nodiscard]] std::size_t terminal_width();

} // namespace slipway::cli
