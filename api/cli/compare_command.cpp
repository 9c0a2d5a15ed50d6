// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <format>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/finished_boot.h"
#include "report/blame.h"
#include "report/plot.h"

namespace slipway::cli {

namespace {

struct CompareOptions {
    std::string before;
    std::string after;
    bool all = false;
    bool json = false;
};

// Smaller differences are the machine's mood.
constexpr Duration kNoticed = std::chrono::milliseconds(1);

std::string signed_seconds(Duration duration) {
    return (duration < Duration(0) ? "-" : "+") + report::seconds_text(std::chrono::abs(duration));
}

std::string to_line(const report::Change &change) {
    std::string_view note = !change.before ? "  only in the second" : "";
    if (!change.after)
        note = "  only in the first";
    return std::format("{:>11}  {}{}\n", signed_seconds(change.difference()), change.unit, note);
}

nlohmann::ordered_json time_or_null(const std::optional<Duration> &time) {
    return time ? nlohmann::ordered_json(time->count()) : nlohmann::ordered_json();
}

std::string to_json(const report::BootTimeline &before, const report::BootTimeline &after,
                    const std::vector<report::Change> &changes) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const report::Change &change : changes)
        list.push_back({{"unit", change.unit},
                        {"before_us", time_or_null(change.before)},
                        {"after_us", time_or_null(change.after)}});
    return nlohmann::ordered_json{{"before_total_us", before.total.count()},
                                  {"after_total_us", after.total.count()},
                                  {"units", std::move(list)}}
               .dump(2) +
           "\n";
}

std::string to_text(const report::BootTimeline &before, const report::BootTimeline &after,
                    const std::vector<report::Change> &changes, bool all) {
    std::string text =
        std::format("{} before, {} after: {}\n\n", report::seconds_text(before.total),
                    report::seconds_text(after.total), signed_seconds(after.total - before.total));
    std::size_t hidden = 0;
    for (const report::Change &change : changes) {
        const bool is_in_both = change.before && change.after;
        if (!all && is_in_both && std::chrono::abs(change.difference()) < kNoticed)
            ++hidden;
        else
            text += to_line(change);
    }
    if (hidden > 0)
        text +=
            std::format("\n{} units differ by less than {}\n", hidden, format_duration(kNoticed));
    return text;
}

int run_compare(const CompareOptions &options) {
    const auto before = read_timeline(options.before);
    if (!before)
        return report_failure(before.error().message());
    const auto after = read_timeline(options.after);
    if (!after)
        return report_failure(after.error().message());
    const auto changes = report::compare(*before, *after);
    const std::string text = options.json ? to_json(*before, *after, changes)
                                          : to_text(*before, *after, changes, options.all);
    return write_out(text);
}

} // namespace

Run declare_compare(CLI::App &app) {
    auto options = std::make_shared<CompareOptions>();
    app.add_option("BEFORE", options->before, "folder of a boot, or its timeline.json")->required();
    app.add_option("AFTER", options->after, "that of the other boot")->required();
    app.add_flag("--all", options->all, "also what differs by less than a millisecond");
    app.add_flag("--json", options->json, "print JSON (docs/schema/compare.json)");
    app.footer("Example: cp -r /run/slipway before; reboot; slipway compare before /run/slipway");
    return [options] { return run_compare(*options); };
}

} // namespace slipway::cli
