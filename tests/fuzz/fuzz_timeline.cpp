// SPDX-License-Identifier: LGPL-2.1-or-later
// timeline.json of a boot, which `slipway plot` and its kin read from wherever it was copied to.
#include <string>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "report/blame.h"
#include "report/boot_timeline.h"
#include "report/plot.h"

namespace {

using namespace slipway;
using namespace slipway::report;
using fuzz::require;

void check_step(const BootTimeline &timeline, const Step &step) {
    require(step.start >= Duration(0) && step.end() <= timeline.total, "steps lie in the boot");
    require(step.work() >= Duration(0), "a prompt is no longer than its step");
    require(printable(step.unit, step.unit.size()) == step.unit, "names are printable", step.unit);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto timeline = parse_timeline(fuzz::text_of(data, size));
    if (!timeline)
        return 0;
    for (const Step &step : timeline->steps)
        check_step(*timeline, step);
    require(blame(*timeline).size() <= timeline->steps.size(), "units are not more than steps");
    const std::string chart = plot_svg(*timeline, {}, Theme::light);
    require(!chart.contains("<script"), "names are text", chart);
    require(rows_of(*timeline, {}).size() <= kMaxRows, "the chart has an end");
    return 0;
}
