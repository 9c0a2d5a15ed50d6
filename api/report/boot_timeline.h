// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"

// What a boot left behind, as values: read from /run/slipway, shown by `slipway blame` and its kin.
namespace slipway::report {

enum class StepOutcome : std::uint8_t { done, failed, incomplete, running };

// What a job asked a person. Known from the record, if there is one.
struct AskedQuestion {
    std::string text;
    Duration start{0}; // since PID 1 started
    Duration length{0};
};

// One run of one operation of a plugin. Texts are printable UTF-8.
struct Step {
    std::string unit; // or "inspect /dev/vda"
    std::string plugin;
    std::string operation; // "import", "inspect", "activate", "deactivate"
    Duration start{0};     // since PID 1 started
    Duration length{0};
    Duration prompt{0}; // how much of it a person was asked
    StepOutcome outcome = StepOutcome::done;
    std::vector<AskedQuestion> questions{}; // in the order in which they were asked

    [[nodiscard]] Duration end() const noexcept { return start + length; }
    [[nodiscard]] Duration work() const noexcept { return length - prompt; }
};

struct BootTimeline {
    Duration kernel{0}; // from the kernel's start to PID 1
    Duration total{0};  // from there to the real init
    std::vector<Step> steps;
    std::size_t dropped = 0; // further ones that nobody wrote down
};

inline constexpr std::size_t kMaxNameBytes = 512; // longer ones are cut off
inline constexpr std::size_t kMaxTimelineBytes = 16U << 20U;

// Reads timeline.json (Timeline::to_json()), which may come from anywhere: an error names the step
// and what is wrong with it.
[[nodiscard]] Result<BootTimeline> parse_timeline(std::string_view json);

[[nodiscard]] std::string_view outcome_word(StepOutcome outcome) noexcept;

} // namespace slipway::report
