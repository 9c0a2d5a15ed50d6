// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "report/boot_timeline.h"

namespace slipway::report {

// All runs of one unit, or of one inspection, together.
struct Blame {
    std::string unit;
    std::string plugin;
    Duration work{0};   // without the time in which a person was asked
    Duration prompt{0}; // that time
    std::size_t runs = 0;
    StepOutcome outcome = StepOutcome::done; // of the last run
};

// Longest work first, then by name.
[[nodiscard]] std::vector<Blame> blame(const BootTimeline &timeline);

// What differs between two boots, by unit. A unit that one of them did not run has nothing there.
struct Change {
    std::string unit;
    std::optional<Duration> before; // work
    std::optional<Duration> after;

    [[nodiscard]] Duration difference() const noexcept {
        return after.value_or(Duration(0)) - before.value_or(Duration(0));
    }
};

// Largest difference first, in either direction.
[[nodiscard]] std::vector<Change> compare(const BootTimeline &before, const BootTimeline &after);

} // namespace slipway::report
