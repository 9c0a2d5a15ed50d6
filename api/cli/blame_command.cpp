// SPDX-License-Identifier: LGPL-2.1-or-later
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

struct BlameOptions {
    std::string place = kBootFolder;
    bool json = false;
};

nlohmann::ordered_json to_json(const report::Blame &entry) {
    return {{"unit", entry.unit},
            {"plugin", entry.plugin},
            {"work_us", entry.work.count()},
            {"prompt_us", entry.prompt.count()},
            {"runs", entry.runs},
            {"outcome", report::outcome_word(entry.outcome)}};
}

std::string to_line(const report::Blame &entry) {
    std::string line = std::format("{:>10}  {}", report::seconds_text(entry.work), entry.unit);
    if (entry.runs > 1)
        line += std::format("  ({} runs)", entry.runs);
    if (entry.prompt > Duration(0))
        line += std::format("  (and waited {} for a person)", report::seconds_text(entry.prompt));
    if (entry.outcome != report::StepOutcome::done)
        line += std::format("  {}", report::outcome_word(entry.outcome));
    return line + "\n";
}

int run_blame(const BlameOptions &options) {
    auto timeline = read_timeline(options.place);
    if (!timeline)
        return report_failure(timeline.error().message());
    (void)add_record(options.place, *timeline);
    std::string text;
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const report::Blame &entry : report::blame(*timeline)) {
        if (options.json)
            list.push_back(to_json(entry));
        else
            text += to_line(entry);
    }
    if (options.json)
        text = list.dump(2) + "\n";
    return write_out(text);
}

} // namespace

Run declare_blame(CLI::App &app) {
    auto options = std::make_shared<BlameOptions>();
    app.add_option("BOOT", options->place, "folder of a boot, or its timeline.json")
        ->capture_default_str();
    app.add_flag("--json", options->json, "print JSON (docs/schema/blame.json)");
    app.footer("The time a person was asked does not count; jobs run in parallel, so the sum is "
               "more than the boot took.\n"
               "Example: slipway blame | head -5");
    return [options] { return run_blame(*options); };
}

} // namespace slipway::cli
