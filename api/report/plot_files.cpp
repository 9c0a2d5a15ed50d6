// SPDX-License-Identifier: LGPL-2.1-or-later
#include <format>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "report/chart.h"
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

using Json = nlohmann::ordered_json;

// Events of one thread must not overlap: each lane of a plugin is a thread.
class Threads {
public:
    // From 1.
    std::size_t number_of(const std::string &plugin, std::size_t lane) {
        const auto [found, is_new] = numbers_.try_emplace({plugin, lane}, names_.size() + 1);
        if (is_new)
            names_.push_back(lane == 1 ? plugin : std::format("{} {}", plugin, lane));
        return found->second;
    }
    [[nodiscard]] const std::vector<std::string> &names() const noexcept { return names_; }

private:
    std::map<std::pair<std::string, std::size_t>, std::size_t> numbers_;
    std::vector<std::string> names_;
};

Json to_json(const AskedQuestion &question) {
    return {{"text", question.text},
            {"start_us", question.start.count()},
            {"length_us", question.length.count()}};
}

Json to_json(const Step &step, const ChartRow &row) {
    Json questions = Json::array();
    for (const AskedQuestion &question : step.questions)
        questions.push_back(to_json(question));
    return {{"unit", step.unit},
            {"plugin", step.plugin},
            {"operation", step.operation},
            {"group", row.group},
            {"lane", row.lane},
            {"start_us", step.start.count()},
            {"length_us", step.length.count()},
            {"prompt_us", step.prompt.count()},
            {"questions", std::move(questions)},
            {"outcome", outcome_word(step.outcome)},
            {"critical", row.is_critical}};
}

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

std::string plot_json(const BootTimeline &timeline, const std::vector<std::size_t> &chain) {
    const Chart chart = make_chart(timeline, chain);
    Json groups = Json::array();
    for (const ChartGroup &group : chart.groups)
        groups.push_back({{"plugin", group.plugin},
                          {"work_us", group.work.count()},
                          {"rows", group.rows},
                          {"lanes", group.lanes}});
    Json rows = Json::array();
    for (const ChartRow &row : chart.rows)
        rows.push_back(to_json(timeline.steps[row.step], row));
    return Json{{"kernel_us", timeline.kernel.count()},
                {"total_us", timeline.total.count()},
                {"asked_us", chart.asked.count()},
                {"groups", std::move(groups)},
                {"rows", std::move(rows)},
                {"hidden_jobs", chart.hidden},
                {"longest_hidden_us", chart.longest_hidden.count()},
                {"dropped_jobs", timeline.dropped}}
               .dump(2) +
           "\n";
}

std::string plot_perfetto(const BootTimeline &timeline) {
    Json events = Json::array();
    Threads threads;
    const std::vector<std::size_t> order = by_start(timeline);
    const std::vector<std::size_t> lanes = lanes_of(timeline, order);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Step &step = timeline.steps[order[i]];
        events.push_back({{"name", step.unit},
                          {"cat", step.operation},
                          {"ph", "X"},
                          {"ts", (timeline.kernel + step.start).count()},
                          {"dur", step.length.count()},
                          {"pid", 1},
                          {"tid", threads.number_of(step.plugin, lanes[i])},
                          {"args",
                           {{"plugin", step.plugin},
                            {"outcome", outcome_word(step.outcome)},
                            {"prompt_us", step.prompt.count()}}}});
    }
    for (std::size_t i = 0; i < threads.names().size(); ++i)
        events.push_back({{"name", "thread_name"},
                          {"ph", "M"},
                          {"pid", 1},
                          {"tid", i + 1},
                          {"args", {{"name", threads.names()[i]}}}});
    events.push_back(
        {{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"args", {{"name", "slipway"}}}});
    return Json{{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}}.dump() + "\n";
}

} // namespace slipway::report
