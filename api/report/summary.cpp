// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/summary.h"

#include <algorithm>
#include <array>
#include <format>
#include <iterator>
#include <ranges>

#include "base/text.h"
#include "report/plot.h"

namespace slipway::report {

namespace {

constexpr std::array<std::string_view, 5> kLevels = {"error", "warning", "notice", "info", "debug"};
constexpr std::size_t kMaxLine = 1000;
constexpr std::size_t kMaxEmergency = 16384;

void add_heading(std::string &text, std::string_view heading) {
    text += std::format("\n{}\n", heading);
}

// Its lines as they are, but nothing that drives a terminal.
std::string printable_lines(std::string_view text) {
    std::string lines;
    for (const auto part : text.substr(0, kMaxEmergency) | std::views::split('\n'))
        lines += printable(std::string_view(part), kMaxLine) + "\n";
    return lines;
}

} // namespace

std::vector<LogLine> parse_log(std::string_view text) {
    std::vector<LogLine> lines;
    for (const auto part : text | std::views::split('\n')) {
        const std::string_view line(part);
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos ||
            !std::ranges::contains(kLevels, line.substr(0, colon)))
            continue;
        lines.push_back(
            {std::string(line.substr(0, colon)), printable(line.substr(colon + 2), kMaxLine)});
    }
    return lines;
}

Summary summarise(const BootTimeline &timeline, std::string_view log, std::string_view emergency) {
    Summary summary;
    summary.kernel = timeline.kernel;
    summary.total = timeline.total;
    summary.jobs = timeline.steps.size() + timeline.dropped;
    for (const Step &step : timeline.steps)
        summary.asked += step.prompt;
    summary.longest = blame(timeline);
    std::ranges::copy_if(summary.longest, std::back_inserter(summary.not_done),
                         [](const Blame &entry) { return entry.outcome != StepOutcome::done; });
    summary.longest.resize(std::min(summary.longest.size(), kLongest));
    for (LogLine &line : parse_log(log))
        if (line.level == "error" || line.level == "warning")
            summary.complaints.push_back(std::move(line));
    if (!emergency.empty())
        summary.emergency = printable_lines(emergency);
    return summary;
}

std::string to_text(const Summary &summary) {
    std::string text =
        std::format("{} from PID 1 to the real init, after {} of kernel; {} jobs\n",
                    seconds_text(summary.total), seconds_text(summary.kernel), summary.jobs);
    if (summary.asked > Duration(0))
        text += std::format("A person was asked for {} of it.\n", seconds_text(summary.asked));
    add_heading(text, "Longest:");
    for (const Blame &entry : summary.longest)
        text += std::format("  {:>9}  {}\n", seconds_text(entry.work), entry.unit);
    if (!summary.not_done.empty())
        add_heading(text, "Not done:");
    for (const Blame &entry : summary.not_done)
        text += std::format("  {:>10}  {}\n", outcome_word(entry.outcome), entry.unit);
    if (!summary.complaints.empty())
        add_heading(text, "Warnings and errors:");
    for (const LogLine &line : summary.complaints)
        text += std::format("  {}: {}\n", line.level, line.text);
    if (!summary.emergency.empty()) {
        add_heading(text, "This boot had an emergency. It said:");
        text += summary.emergency;
    }
    return text;
}

} // namespace slipway::report
