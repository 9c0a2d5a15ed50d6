// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/boot_timeline.h"
#include "report/chart.h"

namespace slipway::report {

enum class Theme : std::uint8_t { light, dark, automatic };

// A chart of the boot, 1200 wide: a row per job, a colour per plugin, hatched where a person was
// asked, or from the start of the job if only the length of that is known. `chain`: the steps that
// the end of the boot waited for, first one first; they are outlined and joined by a line. No
// scripts, nothing from elsewhere.
[[nodiscard]] std::string plot_svg(const BootTimeline &timeline,
                                   const std::vector<std::size_t> &chain, Theme theme);

// The chart and a table of all jobs, as one HTML file.
[[nodiscard]] std::string plot_html(const BootTimeline &timeline,
                                    const std::vector<std::size_t> &chain, Theme theme);

// The chart as data (docs/schema/plot.json): its rows in their order, the groups and lanes in which
// they lie, and what is left out.
[[nodiscard]] std::string plot_json(const BootTimeline &timeline,
                                    const std::vector<std::size_t> &chain);

// For Perfetto and chrome://tracing: complete events of the "Trace Event Format", a thread per
// plugin and as many further ones as it had jobs at once.
[[nodiscard]] std::string plot_perfetto(const BootTimeline &timeline);

// "1.234 s"
[[nodiscard]] std::string seconds_text(Duration duration);

} // namespace slipway::report
