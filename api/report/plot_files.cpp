// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <format>
#include <map>
#include <ranges>
#include <utility>

#include <nlohmann/json.hpp>

#include "report/markup.h"
#include "report/plot.h"

namespace slipway::report {

namespace {

constexpr std::string_view kPageLight = "color-scheme:light;background:#fff;color:#1b2430";
constexpr std::string_view kPageDark = "color-scheme:dark;background:#11161d;color:#e8edf4";
constexpr std::string_view kPageStyle =
    "body{margin:2rem auto;max-width:75rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif}"
    "svg{width:100%;height:auto}table{border-collapse:collapse;width:100%;margin-top:2rem}"
    "th,td{text-align:left;padding:.25rem .75rem;border-bottom:1px solid #8884}"
    "td:first-child{overflow-wrap:anywhere}.n{text-align:right;font-variant-numeric:tabular-nums}";

std::string page_style(Theme theme) {
    std::string style(kPageStyle);
    style += std::format("body{{{}}}", theme == Theme::dark ? kPageDark : kPageLight);
    if (theme == Theme::automatic)
        style += std::format("@media (prefers-color-scheme:dark){{body{{{}}}}}", kPageDark);
    return style;
}

std::string table_row(const Step &step) {
    return std::format("<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td "
                       "class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                       escaped(step.unit), escaped(step.plugin), escaped(step.operation),
                       seconds_text(step.start), seconds_text(step.length),
                       step.prompt > Duration(0) ? seconds_text(step.prompt) : "",
                       outcome_word(step.outcome));
}

// Events of one thread must not overlap, so a plugin has a lane for each job that ran at a time.
class Lanes {
public:
    // The number of the thread, from 1.
    std::size_t lane_of(const Step &step) {
        auto &lanes = by_plugin_[step.plugin];
        for (auto &[number, end] : lanes) {
            if (end > step.start)
                continue;
            end = step.end();
            return number;
        }
        lanes.emplace_back(++last_, step.end());
        names_.push_back(lanes.size() == 1 ? step.plugin
                                           : std::format("{} {}", step.plugin, lanes.size()));
        return last_;
    }
    [[nodiscard]] const std::vector<std::string> &names() const noexcept { return names_; }

private:
    std::map<std::string, std::vector<std::pair<std::size_t, Duration>>> by_plugin_;
    std::vector<std::string> names_;
    std::size_t last_ = 0;
};

} // namespace

std::string plot_html(const BootTimeline &timeline, const std::vector<std::size_t> &chain,
                      Theme theme) {
    std::string html = std::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>Boot with slipway</title><style>{}</style></head>"
        "<body>\n{}<table><thead><tr><th>Job</th><th>Plugin</th><th>Operation</th><th class=\"n\">"
        "Start</th><th class=\"n\">Length</th><th class=\"n\">Person</th><th>Outcome</th></tr>"
        "</thead><tbody>\n",
        page_style(theme), plot_svg(timeline, chain, theme));
    for (const Step &step : timeline.steps)
        html += table_row(step);
    return html + "</tbody></table></body></html>\n";
}

std::string plot_perfetto(const BootTimeline &timeline) {
    using Json = nlohmann::ordered_json;
    Json events = Json::array();
    Lanes lanes;
    std::vector<std::size_t> order(timeline.steps.size());
    std::ranges::copy(std::views::iota(std::size_t{0}, order.size()), order.begin());
    std::ranges::stable_sort(order, {},
                             [&](std::size_t index) { return timeline.steps[index].start; });
    for (const std::size_t index : order) {
        const Step &step = timeline.steps[index];
        events.push_back({{"name", step.unit},
                          {"cat", step.operation},
                          {"ph", "X"},
                          {"ts", (timeline.kernel + step.start).count()},
                          {"dur", step.length.count()},
                          {"pid", 1},
                          {"tid", lanes.lane_of(step)},
                          {"args",
                           {{"plugin", step.plugin},
                            {"outcome", outcome_word(step.outcome)},
                            {"prompt_us", step.prompt.count()}}}});
    }
    for (std::size_t lane = 0; lane < lanes.names().size(); ++lane)
        events.push_back({{"name", "thread_name"},
                          {"ph", "M"},
                          {"pid", 1},
                          {"tid", lane + 1},
                          {"args", {{"name", lanes.names()[lane]}}}});
    events.push_back(
        {{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"args", {{"name", "slipway"}}}});
    return Json{{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}}.dump() + "\n";
}

} // namespace slipway::report
