// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/live_options.h"
#include "live/live_json.h"
#include "live/live_text.h"

namespace slipway::cli {

namespace {

// Times count down also when nothing changes.
constexpr auto kRhythm = std::chrono::seconds(1);
constexpr std::string_view kOver = "booted";
constexpr const char *kClearScreen = "\x1b[H\x1b[2J";

struct StatusOptions {
    LiveOptions live;
    bool once = false;
};

int print_once(live::LiveClient &client, const StatusOptions &options) {
    const auto status = client.status();
    if (!status)
        return report_failure(status.error().message());
    const live::TextStyle style{is_output_a_terminal(), terminal_width()};
    return print_result(options.live.json ? live::status_json(*status)
                                          : live::status_text(*status, style));
}

// Until the boot goes on to the real root, or a person has seen enough.
int watch(live::LiveClient &client) {
    while (true) {
        const auto status = client.status();
        if (!status)
            return print_result("The boot has gone on.\n");
        const std::string text =
            live::status_text(*status, live::TextStyle{true, terminal_width()});
        if (status->state == kOver)
            return print_result(text);
        if (const int written = print_result(kClearScreen + text); written != kExitOk)
            return written;
        if (!client.wait(kRhythm))
            return print_result("The boot has gone on.\n");
    }
}

} // namespace

Run declare_status(CLI::App &app) {
    auto options = std::make_shared<StatusOptions>();
    declare_live_options(app, options->live);
    app.add_flag("--once", options->once, "print it once, also on a terminal");
    app.footer("On a terminal this shows the boot as it goes on; end it with ctrl-c.\n"
               "Example:\n  slipway status --once");
    return [options] {
        return with_boot(options->live, [&options](live::LiveClient &client) {
            const bool is_live = is_output_a_terminal() && !options->once && !options->live.json;
            return is_live ? watch(client) : print_once(client, *options);
        });
    };
}

} // namespace slipway::cli
