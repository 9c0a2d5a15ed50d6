// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "engine/events.h"

namespace slipway {

// What ran when: the boot's own record, written to /run/slipway/timeline.json for `slipway blame`
// and its kin. Pure: the caller brings the times, microseconds of CLOCK_MONOTONIC.
class Timeline {
public:
    using StepId = std::size_t;
    enum class Outcome { running, done, failed, incomplete };

    struct Step {
        std::string unit;
        std::string plugin;
        std::string operation;
        Duration start{0};
        Duration end{0};    // of a step that is still running: 0
        Duration prompt{0}; // how much of it a prompt was open for a person
        Outcome outcome = Outcome::running;
        std::optional<Duration> prompt_since;
    };

    // A runaway unit must not eat the memory of PID 1; what comes later is only counted.
    static constexpr std::size_t kMaxSteps = 16384;

    explicit Timeline(Duration init_start) : init_start_(init_start) {}

    // The id is for the calls below. Beyond kMaxSteps the id means nothing and they do nothing.
    [[nodiscard]] StepId started(std::string_view unit, std::string_view plugin,
                                 std::string_view operation, Duration when);
    void prompt_opened(StepId id, Duration when);
    void prompt_closed(StepId id, Duration when);
    // Closes the step's prompt as well. A step ends once; later calls do nothing.
    void ended(StepId id, Outcome outcome, Duration when);

    [[nodiscard]] const std::vector<Step> &steps() const noexcept { return steps_; }
    [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }

    // {"version":1,"init_start_us":N,"switch_root_us":N,"dropped_steps":N,"steps":[{"unit":"…",
    // "plugin":"…","operation":"…","start_us":N,"end_us":N,"outcome":"done|failed|incomplete|
    // running","prompt_us":N}]}; a step that still runs ends at `switch_root`.
    [[nodiscard]] std::string to_json(Duration switch_root) const;

private:
    [[nodiscard]] Step *find_running(StepId id);

    Duration init_start_;
    std::size_t dropped_ = 0;
    std::vector<Step> steps_;
};

// How a job that has ended so is told of: one that will be tried again has failed.
[[nodiscard]] Timeline::Outcome outcome_of(JobOutcome outcome) noexcept;

// A JSON string with its quotes (RFC 8259, section 7). Invalid UTF-8 becomes '?'.
[[nodiscard]] std::string json_string(std::string_view text);

} // namespace slipway
