// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands that read one thing of a running boot: why, units, devices, log, monitor.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/live_options.h"
#include "live/live_json.h"
#include "live/live_text.h"

namespace slipway::cli {

namespace {

struct ListOptions {
    LiveOptions live;
    std::string name;
    bool all = false;
    bool facts = false;
    bool follow = false;
};

live::TextStyle style() {
    return {is_output_a_terminal(), terminal_width()};
}

int run_why(live::LiveClient &client, const ListOptions &options) {
    const auto text = client.why(options.name);
    if (!text)
        return report_failure(text.error().message());
    return print_result(options.live.json ? live::why_json(options.name, *text) : *text);
}

int run_units(live::LiveClient &client, const ListOptions &options) {
    const auto status = client.status();
    if (!status)
        return report_failure(status.error().message());
    return print_result(options.live.json ? live::units_json(status->units)
                                          : live::units_text(status->units, options.all, style()));
}

int run_devices(live::LiveClient &client, const ListOptions &options) {
    const auto status = client.status();
    if (!status)
        return report_failure(status.error().message());
    return print_result(options.live.json ? live::devices_json(status->devices)
                                          : live::devices_text(status->devices, options.all,
                                                               options.facts, style()));
}

std::string text_of(const live::LogLine &line, const ListOptions &options) {
    return options.live.json ? live::log_json(line) : live::log_text(line);
}

int run_log(live::LiveClient &client, const ListOptions &options) {
    const auto lines = client.log();
    if (!lines)
        return report_failure(lines.error().message());
    for (const live::LogLine &line : *lines) {
        if (const int written = print_result(text_of(line, options)); written != kExitOk)
            return written;
    }
    if (options.follow)
        client.listen({nullptr, [&options](const live::LogLine &line) {
                           (void)print_result(text_of(line, options));
                       }});
    return kExitOk;
}

int run_monitor(live::LiveClient &client, const ListOptions &options) {
    live::LiveClient::Listener listener;
    listener.change = [&options](const live::Change &change) {
        (void)print_result(options.live.json ? live::change_json(change)
                                             : live::change_text(change));
    };
    listener.log = [&options](const live::LogLine &line) {
        (void)print_result(text_of(line, options));
    };
    client.listen(std::move(listener));
    return kExitOk;
}

Run command(const std::shared_ptr<ListOptions> &options,
            int (*run)(live::LiveClient &, const ListOptions &)) {
    return [options, run] {
        return with_boot(options->live,
                         [&](live::LiveClient &client) { return run(client, *options); });
    };
}

} // namespace

Run declare_why(CLI::App &app) {
    auto options = std::make_shared<ListOptions>();
    app.add_option("GOAL", options->name, "a unit [all goals]");
    declare_live_options(app, options->live);
    app.footer("The chain of reasons from what is to be reached to what is missing.\n"
               "Example:\n  slipway why sysroot");
    return command(options, run_why);
}

Run declare_units(CLI::App &app) {
    auto options = std::make_shared<ListOptions>();
    declare_live_options(app, options->live);
    app.add_flag("-a,--all", options->all, "also those that nobody wants");
    app.footer("Example:\n  slipway units --all");
    return command(options, run_units);
}

Run declare_devices(CLI::App &app) {
    auto options = std::make_shared<ListOptions>();
    declare_live_options(app, options->live);
    app.add_flag("-a,--all", options->all, "not only disks and network interfaces");
    app.add_flag("-f,--facts", options->facts, "with all that is known of them");
    app.footer("Example:\n  slipway devices --facts");
    return command(options, run_devices);
}

Run declare_log(CLI::App &app) {
    auto options = std::make_shared<ListOptions>();
    declare_live_options(app, options->live);
    app.add_flag("-f,--follow", options->follow, "and what comes from now on");
    app.footer("JSON is one object per line.\nExample:\n  slipway log --follow");
    return command(options, run_log);
}

Run declare_monitor(CLI::App &app) {
    auto options = std::make_shared<ListOptions>();
    declare_live_options(app, options->live);
    app.footer(
        "Every change of units, devices and questions, and the log, until the boot goes on.\n"
        "JSON is one object per line.\nExample:\n  slipway monitor --json");
    return command(options, run_monitor);
}

} // namespace slipway::cli
