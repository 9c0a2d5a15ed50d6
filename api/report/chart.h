// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/boot_timeline.h"

namespace slipway::report {

struct ChartRow {
    std::size_t step = 0;  // index into the timeline
    std::size_t group = 0; // index into the chart's groups
    std::size_t lane = 1;  // among the rows of its plugin: those of one lane do not overlap
    bool is_critical = false;
};

// The rows of one plugin.
struct ChartGroup {
    std::string plugin;
    Duration work{0};
    std::size_t rows = 0;
    std::size_t lanes = 0;
};

// What a chart of a boot shows, whoever draws it: plot_svg() or the reader of plot_json().
struct Chart {
    std::vector<ChartRow> rows;
    std::vector<ChartGroup> groups; // longest work first
    std::size_t hidden = 0;         // jobs that have no row
    Duration longest_hidden{0};
    Duration asked{0}; // a person, in all jobs together
};

// Jobs that are long enough to be seen, or that did not end well, or that are on the chain, in the
// order in which they started: indexes into the steps. At most kMaxRows, the longest of them.
inline constexpr std::size_t kMaxRows = 72;
[[nodiscard]] std::vector<std::size_t> rows_of(const BootTimeline &timeline,
                                               const std::vector<std::size_t> &chain);

// `chain`: the steps that the end of the boot waited for, which are critical.
[[nodiscard]] Chart make_chart(const BootTimeline &timeline, const std::vector<std::size_t> &chain);

// For each of these steps the lane of its plugin, from 1. `order`: indexes into the timeline's
// steps, by their start.
[[nodiscard]] std::vector<std::size_t> lanes_of(const BootTimeline &timeline,
                                                const std::vector<std::size_t> &order);

// All steps by their start.
[[nodiscard]] std::vector<std::size_t> by_start(const BootTimeline &timeline);

} // namespace slipway::report
