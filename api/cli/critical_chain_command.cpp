// SPDX-License-Identifier: LGPL-2.1-or-later
#include <format>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/finished_boot.h"
#include "report/causes.h"
#include "report/plot.h"

namespace slipway::cli {

namespace {

struct ChainOptions {
    std::string unit;
    std::string place = kBootFolder;
    bool json = false;
};

std::string_view kind_word(report::CauseKind kind) {
    switch (kind) {
    case report::CauseKind::start:
        return "start";
    case report::CauseKind::job:
        return "job";
    case report::CauseKind::device:
        return "device";
    case report::CauseKind::time:
        return "time";
    case report::CauseKind::person:
        return "person";
    }
    return "?";
}

std::string why(const report::Cause &cause) {
    switch (cause.kind) {
    case report::CauseKind::start:
        return "at the start of the boot";
    case report::CauseKind::job:
        return "when the one above ended";
    case report::CauseKind::device:
        return "when " + printable(cause.device, 100) + " appeared" +
               (cause.job ? ", while the one above was at work" : "");
    case report::CauseKind::time:
        return "when a wait was over";
    case report::CauseKind::person:
        return "when a person had answered";
    }
    return "";
}

Duration length_of(const report::Causes &causes, const report::CausedJob &job) {
    return job.end.value_or(causes.end.value_or(job.start)) - job.start;
}

std::string to_text(const report::Causes &causes, const std::vector<std::size_t> &chain) {
    std::string text;
    for (const std::size_t index : chain) {
        const report::CausedJob &job = causes.jobs[index];
        text += std::format("{:>10} {:>11}  {}\n{:24}{}\n",
                            "@" + report::seconds_text(job.start - causes.begin),
                            "+" + report::seconds_text(length_of(causes, job)),
                            printable(job.name, 200), "", why(job.cause));
    }
    if (causes.is_truncated)
        text += "The record ends here because of its size; the boot went on.\n";
    if (causes.end)
        text += std::format("{:>10} {:>11}  {}\n",
                            "@" + report::seconds_text(*causes.end - causes.begin), "",
                            causes.is_booted ? "the real root is ready" : "the boot gave up");
    return text;
}

std::string to_json(const report::Causes &causes, const std::vector<std::size_t> &chain) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const std::size_t index : chain) {
        const report::CausedJob &job = causes.jobs[index];
        list.push_back({{"unit", printable(job.name)},
                        {"start_us", (job.start - causes.begin).count()},
                        {"length_us", length_of(causes, job).count()},
                        {"cause", kind_word(job.cause.kind)},
                        {"device", printable(job.cause.device)}});
    }
    return list.dump(2) + "\n";
}

int run_chain(const ChainOptions &options) {
    auto causes = read_causes(options.place);
    if (!causes)
        return report_failure(causes.error().message());
    // PID 1 has read units and started workers before the engine's first decision.
    if (const auto timeline = read_timeline(options.place))
        causes->begin = timeline->kernel;
    const auto chain = options.unit.empty() ? std::optional(report::critical_chain(*causes))
                                            : report::critical_chain(*causes, options.unit);
    if (!chain)
        return report_failure(std::format("no job of \"{}\" has run; slipway blame lists the names",
                                          printable(options.unit, 100)));
    const std::string text = options.json ? to_json(*causes, *chain) : to_text(*causes, *chain);
    return write_out(text);
}

} // namespace

Run declare_critical_chain(CLI::App &app) {
    auto options = std::make_shared<ChainOptions>();
    app.add_option("UNIT", options->unit, "what this unit waited for; else the end of the boot");
    app.add_option("--boot", options->place, "folder of a boot")->capture_default_str();
    app.add_flag("--json", options->json, "print JSON (docs/schema/critical-chain.json)");
    app.footer("Each job with the time after PID 1's start, how long it took, and the last thing "
               "that it waited for.\n"
               "Example: slipway critical-chain sysroot");
    return [options] { return run_chain(*options); };
}

} // namespace slipway::cli
