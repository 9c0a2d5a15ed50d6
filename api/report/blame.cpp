// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/blame.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace slipway::report {

std::vector<Blame> blame(const BootTimeline &timeline) {
    std::map<std::string, Blame> by_unit;
    for (const Step &step : timeline.steps) {
        Blame &entry = by_unit[step.unit];
        entry.unit = step.unit;
        entry.plugin = step.plugin;
        entry.work += step.work();
        entry.prompt += step.prompt;
        ++entry.runs;
        entry.outcome = step.outcome;
    }
    std::vector<Blame> all;
    for (auto &[unit, entry] : by_unit)
        all.push_back(std::move(entry));
    std::ranges::stable_sort(all, std::ranges::greater(), &Blame::work);
    return all;
}

std::vector<Change> compare(const BootTimeline &before, const BootTimeline &after) {
    std::map<std::string, Change> by_unit;
    for (const Blame &entry : blame(before))
        by_unit[entry.unit].before = entry.work;
    for (const Blame &entry : blame(after))
        by_unit[entry.unit].after = entry.work;
    std::vector<Change> all;
    for (auto &[unit, change] : by_unit) {
        change.unit = unit;
        all.push_back(std::move(change));
    }
    std::ranges::stable_sort(all, std::ranges::greater(), [](const Change &change) {
        return std::chrono::abs(change.difference());
    });
    return all;
}

} // namespace slipway::report
