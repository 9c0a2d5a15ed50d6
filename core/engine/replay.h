// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision_log.h"
#include "engine/engine.h"
#include "engine/record.h"

namespace slipway {

// Runs a recorded boot again: the same events at the same times through an engine made from the
// same configuration and unit files. What it decides must be what was recorded.
class Replay {
public:
    struct Difference {
        Duration when{0};
        unsigned line = 0;                   // of the record: the step
        std::optional<std::string> recorded; // nothing: the engine decides more than was recorded
        std::optional<std::string> replayed; // nothing: it decides less
    };
    struct Decision {
        Duration when{0};
        std::string text;
    };

    // `record` outlives the replay.
    explicit Replay(const Record &record);

    // Up to and with the steps of that time (nothing: all), or to the first difference. The
    // engine's clock then stands at `until`.
    void run(std::optional<Duration> until = std::nullopt);

    [[nodiscard]] const std::optional<Difference> &difference() const noexcept {
        return difference_;
    }
    [[nodiscard]] std::size_t steps() const noexcept { return steps_; }
    [[nodiscard]] std::size_t compared() const noexcept { return compared_; }
    // What the engine decided, without bookkeeping.
    [[nodiscard]] const std::vector<Decision> &decisions() const noexcept { return decisions_; }
    // In the state in which the replay stopped.
    [[nodiscard]] const Engine &engine() const noexcept { return *engine_; }

private:
    void play(const RecordedStep &step);
    void compare(const RecordedStep &step, const std::vector<std::string> &replayed);

    const Record &record_;
    std::unique_ptr<Engine> engine_;
    DecisionLog log_;
    std::size_t steps_ = 0;
    std::size_t compared_ = 0;
    std::vector<Decision> decisions_;
    std::optional<Difference> difference_;
};

} // namespace slipway
