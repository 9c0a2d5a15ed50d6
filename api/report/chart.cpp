// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/chart.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

namespace slipway::report {

namespace {

std::vector<ChartGroup> groups_of(const BootTimeline &timeline, const std::vector<ChartRow> &rows) {
    std::map<std::string, ChartGroup> by_plugin;
    for (const ChartRow &row : rows) {
        const Step &step = timeline.steps[row.step];
        ChartGroup &group = by_plugin[step.plugin];
        group.plugin = step.plugin;
        group.work += step.work();
        ++group.rows;
        group.lanes = std::max(group.lanes, row.lane);
    }
    std::vector<ChartGroup> groups;
    for (auto &[plugin, group] : by_plugin)
        groups.push_back(std::move(group));
    std::ranges::stable_sort(groups, std::ranges::greater(), &ChartGroup::work);
    return groups;
}

std::size_t group_of(const std::vector<ChartGroup> &groups, const std::string &plugin) {
    const auto found = std::ranges::find(groups, plugin, &ChartGroup::plugin);
    return static_cast<std::size_t>(found - groups.begin());
}

} // namespace

std::vector<std::size_t> by_start(const BootTimeline &timeline) {
    std::vector<std::size_t> order(timeline.steps.size());
    std::ranges::copy(std::views::iota(std::size_t{0}, order.size()), order.begin());
    std::ranges::stable_sort(order, {},
                             [&](std::size_t index) { return timeline.steps[index].start; });
    return order;
}

std::vector<std::size_t> rows_of(const BootTimeline &timeline,
                                 const std::vector<std::size_t> &chain) {
    // What is drawn however short it is comes first, then the longest.
    const auto weight = [&](std::size_t index) {
        const Step &step = timeline.steps[index];
        return std::pair(step.outcome != StepOutcome::done || std::ranges::contains(chain, index),
                         step.length);
    };
    std::vector<std::size_t> rows;
    for (std::size_t index = 0; index < timeline.steps.size(); ++index)
        if (weight(index).first || timeline.steps[index].length >= timeline.total / 100)
            rows.push_back(index);
    if (rows.size() > kMaxRows) {
        std::ranges::stable_sort(rows, std::ranges::greater(), weight);
        rows.resize(kMaxRows);
    }
    std::ranges::sort(
        rows, {}, [&](std::size_t index) { return std::pair(timeline.steps[index].start, index); });
    return rows;
}

std::vector<std::size_t> lanes_of(const BootTimeline &timeline,
                                  const std::vector<std::size_t> &order) {
    std::map<std::string, std::vector<Duration>> ends; // of the last step of each lane
    std::vector<std::size_t> lanes;
    for (const std::size_t index : order) {
        const Step &step = timeline.steps[index];
        auto &of_plugin = ends[step.plugin];
        const auto free =
            std::ranges::find_if(of_plugin, [&](Duration end) { return end <= step.start; });
        lanes.push_back(static_cast<std::size_t>(free - of_plugin.begin()) + 1);
        if (free == of_plugin.end())
            of_plugin.push_back(step.end());
        else
            *free = step.end();
    }
    return lanes;
}

Chart make_chart(const BootTimeline &timeline, const std::vector<std::size_t> &chain) {
    Chart chart;
    const std::vector<std::size_t> rows = rows_of(timeline, chain);
    const std::vector<std::size_t> lanes = lanes_of(timeline, rows);
    std::vector<bool> is_drawn(timeline.steps.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        chart.rows.push_back({.step = rows[i],
                              .lane = lanes[i],
                              .is_critical = std::ranges::contains(chain, rows[i])});
        is_drawn[rows[i]] = true;
    }
    chart.groups = groups_of(timeline, chart.rows);
    for (ChartRow &row : chart.rows)
        row.group = group_of(chart.groups, timeline.steps[row.step].plugin);
    for (std::size_t index = 0; index < timeline.steps.size(); ++index) {
        chart.asked += timeline.steps[index].prompt;
        if (is_drawn[index])
            continue;
        ++chart.hidden;
        chart.longest_hidden = std::max(chart.longest_hidden, timeline.steps[index].length);
    }
    return chart;
}

} // namespace slipway::report
