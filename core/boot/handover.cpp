// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/handover.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

namespace slipway {

namespace {

// systemd believes these over the absence of /etc/initrd-release, and takes the sockets, the
// credentials and the watchdog of another manager for its own.
constexpr std::array<std::string_view, 6> kNotForTheHost = {"SYSTEMD_IN_INITRD", "NOTIFY_SOCKET",
                                                            "LISTEN_FDS",        "LISTEN_PID",
                                                            "LISTEN_FDNAMES",    "WATCHDOG_PID"};

} // namespace

StartTimes read_start_times(System &system) {
    return {.realtime = system.realtime_usec(), .monotonic = system.monotonic_usec()};
}

std::string systemd_state(const StartTimes &start) {
    // The empty line ends the manager's section.
    return std::format("initrd-timestamp={} {}\n\n", start.realtime, start.monotonic);
}

std::vector<std::string> init_arguments(const RealInit &init, int state_fd,
                                        const std::vector<std::string> &from_kernel) {
    std::vector<std::string> arguments = {init.path};
    if (init.is_systemd && state_fd >= 0) {
        arguments.emplace_back("--switched-root");
        arguments.emplace_back("--system");
        arguments.push_back(std::format("--deserialize={}", state_fd));
    }
    arguments.insert(arguments.end(), from_kernel.begin(), from_kernel.end());
    return arguments;
}

std::vector<std::string> init_environment(const std::vector<std::string> &from_kernel) {
    std::vector<std::string> environment;
    for (const std::string &variable : from_kernel) {
        const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
        if (std::ranges::find(kNotForTheHost, name) == kNotForTheHost.end())
            environment.push_back(variable);
    }
    return environment;
}

std::string log_text(const Log &log) {
    std::string text;
    if (log.dropped() > 0)
        text += std::format("notice: {} older lines were dropped\n", log.dropped());
    for (const LogRecord &record : log.records())
        text += std::format("{}: {}\n", level_name(record.level), record.text);
    return text;
}

std::vector<Error> write_reports(System &system, const BootReports &reports, Duration switch_root) {
    std::vector<Error> errors;
    const auto collect = [&errors](Result<> result) {
        if (!result)
            errors.push_back(std::move(result.error()).with_context("leave a report for the host"));
    };
    collect(system.make_directories("/run/slipway"));
    collect(
        system.replace_file("/run/slipway/timeline.json", reports.timeline.to_json(switch_root)));
    // Readable for root only: device names and servers are nobody else's business.
    collect(system.replace_file("/run/slipway/log.txt", log_text(reports.log), 0600));
    collect(system.replace_file("/run/slipway/record.txt", reports.record, 0600));
    return errors;
}

} // namespace slipway
