// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/live_options.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace slipway::cli {

void declare_live_options(CLI::App &app, LiveOptions &options) {
    app.add_option("--address", options.address,
                   "a D-Bus address, a socket, or \"system\": the finished boot of this host")
        ->capture_default_str();
    app.add_flag("--json", options.json, "as JSON");
}

int with_boot(const LiveOptions &options, const std::function<int(live::LiveClient &)> &run) {
    const auto client = live::LiveClient::connect(options.address);
    return client ? run(**client) : report_failure(client.error().message());
}

int print_result(std::string_view text) {
    const bool is_written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return is_written ? kExitOk : kExitFailure;
}

bool is_output_a_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

std::size_t terminal_width() {
    winsize size{};
    if (!is_output_a_terminal() || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

} // namespace slipway::cli
