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
#include "report/chain_links.h"
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

std::string why(const report::ChainLink &link) {
    switch (link.cause.kind) {
    case report::CauseKind::start:
        return "at the start of the boot";
    case report::CauseKind::job:
        return link.is_person() && !link.unit.empty() ? "asked by the one above"
                                                      : "when the one above ended";
    case report::CauseKind::device:
        return "when " + printable(link.cause.device, 100) + " appeared" +
               (link.cause.job ? ", while the one above was at work" : "");
    case report::CauseKind::time:
        return "when a wait was over";
    case report::CauseKind::person:
        return "when a person had answered";
    }
    return "";
}

std::string title(const report::ChainLink &link) {
    return link.is_person() ? "waited for a person: " + printable(link.asked, 200)
                            : printable(link.unit, 200);
}

std::string to_text(const report::Causes &causes, const std::vector<report::ChainLink> &links) {
    std::string text;
    for (const report::ChainLink &link : links)
        text += std::format("{:>10} {:>11}  {}\n{:24}{}\n",
                            "@" + report::seconds_text(link.start - causes.begin),
                            "+" + report::seconds_text(link.length), title(link), "", why(link));
    if (causes.is_truncated)
        text += "The record ends here because of its size; the boot went on.\n";
    if (causes.end)
        text += std::format("{:>10} {:>11}  {}\n",
                            "@" + report::seconds_text(*causes.end - causes.begin), "",
                            causes.is_booted ? "the real root is ready" : "the boot gave up");
    if (const Duration asked = report::asked_in(links); asked > Duration(0))
        text += std::format("A person was waited for {} of it.\n", report::seconds_text(asked));
    return text;
}

std::string to_json(const report::Causes &causes, const std::vector<report::ChainLink> &links) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const report::ChainLink &link : links) {
        list.push_back({{"unit", printable(link.unit)},
                        {"start_us", (link.start - causes.begin).count()},
                        {"length_us", link.length.count()},
                        {"cause", kind_word(link.cause.kind)},
                        {"device", printable(link.cause.device)},
                        {"kind", link.is_person() ? "person" : "job"}});
        if (link.is_person())
            list.back()["asked"] = printable(link.asked);
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
    const auto links = report::links_of(*causes, *chain);
    return write_out(options.json ? to_json(*causes, links) : to_text(*causes, links));
}

} // namespace

Run declare_critical_chain(CLI::App &app) {
    auto options = std::make_shared<ChainOptions>();
    app.add_option("UNIT", options->unit, "what this unit waited for; else the end of the boot");
    app.add_option("--boot", options->place, "folder of a boot")->capture_default_str();
    app.add_flag("--json", options->json, "print JSON (docs/schema/critical-chain.json)");
    app.footer("Each job with the time after PID 1's start, how long it took, and the last thing "
               "that it waited for. Waiting for a person is a link of its own.\n"
               "Example: slipway critical-chain sysroot");
    return [options] { return run_chain(*options); };
}

} // namespace slipway::cli
