// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "boot/timeline.h"
#include "engine/decision_log.h"
#include "engine/engine.h"
#include "engine/record_stream.h"

namespace slipway {

// A question that waits for a person.
struct OpenPrompt {
    std::string text; // as the password agents see it
    std::string unit; // of the job that asks; empty for questions of the engine and of programs
    bool is_shown = false; // the console is free for it, so that it can be answered
    std::string file = {}; // name of its ask file; empty: the record does not say

    [[nodiscard]] bool operator==(const OpenPrompt &) const = default;
};

// A copy of the boot that runs in PID 1: plays its record, as it grows, with an engine of its own.
// Untrusted input like any record. Pure but for the engine's own memory.
class BootMirror {
public:
    // Of the record; in records without numbers counted here. One is never used again.
    using PromptNumber = QuestionId;

    // `is_whole`: with this piece the record ends with a whole step. Error: it is no record.
    [[nodiscard]] Result<> feed(std::string_view piece, bool is_whole);

    // Nothing before the boot has begun.
    [[nodiscard]] const Engine *engine() const noexcept { return engine_.get(); }
    [[nodiscard]] bool is_truncated() const noexcept { return stream_.record().is_truncated; }
    [[nodiscard]] const std::map<PromptNumber, OpenPrompt> &prompts() const noexcept {
        return prompts_;
    }
    // As timeline.json, up to `now`.
    [[nodiscard]] std::string timeline(Duration now) const;
    // Grows with each step.
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
    // When the last step happened, in the machine's time.
    [[nodiscard]] Duration last_step() const noexcept { return last_step_; }

private:
    struct Asker {
        enum class Kind : std::uint8_t { job, question, foreign };
        Kind kind = Kind::job;
        std::uint32_t id = 0;
        [[nodiscard]] auto operator<=>(const Asker &) const = default;
    };
    struct RunningJob {
        std::string unit;
        Timeline::StepId step = 0;
    };

    void play(const RecordedStep &step);
    void look_at(Duration when, const Event &event);
    void look_at(Duration when, const Action &action);
    void open(Asker asker, PromptNumber number, OpenPrompt prompt);
    void show(Asker asker);
    void close(Asker asker);
    [[nodiscard]] std::string unit_of(JobId job) const;

    RecordStream stream_;
    std::unique_ptr<Engine> engine_;
    std::uint64_t steps_ = 0;
    Duration last_step_{0};
    std::optional<Timeline> timeline_;
    std::map<JobId, RunningJob> jobs_;
    PromptNumber last_prompt_ = 0;
    std::map<Asker, PromptNumber> askers_;
    std::map<PromptNumber, OpenPrompt> prompts_;
};

} // namespace slipway
