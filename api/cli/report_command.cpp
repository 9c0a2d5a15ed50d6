// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <format>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/finished_boot.h"
#include "previous/previous_failures.h"
#include "report/summary.h"

namespace slipway::cli {

namespace {

using Json = nlohmann::ordered_json;

struct ReportOptions {
    std::string place = kBootFolder;
    bool json = false;
    bool previous = false;
};

Json units_of(const std::vector<report::Blame> &entries) {
    Json list = Json::array();
    for (const report::Blame &entry : entries)
        list.push_back({{"unit", entry.unit},
                        {"work_us", entry.work.count()},
                        {"outcome", report::outcome_word(entry.outcome)}});
    return list;
}

std::string to_json(const report::Summary &summary) {
    Json complaints = Json::array();
    for (const report::LogLine &line : summary.complaints)
        complaints.push_back({{"level", line.level}, {"text", line.text}});
    return Json{{"kernel_us", summary.kernel.count()},  {"total_us", summary.total.count()},
                {"prompt_us", summary.asked.count()},   {"jobs", summary.jobs},
                {"longest", units_of(summary.longest)}, {"not_done", units_of(summary.not_done)},
                {"complaints", std::move(complaints)},  {"emergency", summary.emergency}}
               .dump(2) +
           "\n";
}

// Nothing if there is none; what cannot be read is worth a word, and no reason to say nothing else.
std::string text_beside(const std::string &place, const std::string &name) {
    auto text = read_boot_file(boot_file(place, name));
    if (text)
        return *std::move(text);
    if (text.error().code() != ENOENT)
        (void)report_failure(text.error().message());
    return "";
}

int run_previous(bool as_json) {
    const std::vector<PreviousFailure> failures = read_previous_failures();
    if (as_json) {
        Json list = Json::array();
        for (const PreviousFailure &failure : failures)
            list.push_back({{"source", failure.source},
                            {"text", failure.text},
                            {"is_whole", failure.is_whole}});
        return write_out(list.dump(2) + "\n");
    }
    if (failures.empty())
        return write_out(
            "Nothing is kept of a boot that failed: none has, or this machine has neither "
            "pstore nor UEFI variables nor an EFI system partition to keep it in.\n");
    std::string text;
    for (const PreviousFailure &failure : failures)
        text += std::format("{}{}:\n{}{}", text.empty() ? "" : "\n", failure.source, failure.text,
                            failure.is_whole ? "" : "(its end is missing)\n");
    return write_out(text);
}

int run_report(const ReportOptions &options) {
    if (options.previous)
        return run_previous(options.json);
    const auto timeline = read_timeline(options.place);
    if (!timeline)
        return report_failure(timeline.error().message());
    const report::Summary summary =
        report::summarise(*timeline, text_beside(options.place, "log.txt"),
                          text_beside(options.place, "report/emergency.txt"));
    const std::string text = options.json ? to_json(summary) : report::to_text(summary);
    return write_out(text);
}

} // namespace

Run declare_report(CLI::App &app) {
    auto options = std::make_shared<ReportOptions>();
    app.add_option("BOOT", options->place, "folder of a boot, or its timeline.json")
        ->capture_default_str();
    app.add_flag("--json", options->json, "print JSON (docs/schema/report.json)");
    app.add_flag("--previous", options->previous, "what is kept of the last boots that failed");
    app.footer("How a boot went, on one screen. The log of a boot is for root only.\n"
               "Example: slipway report");
    return [options] { return run_report(*options); };
}

} // namespace slipway::cli
