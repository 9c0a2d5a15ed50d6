// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "engine/record.h"

namespace slipway::report {

// Why a job could start when it did: the last thing that it still needed.
enum class CauseKind : std::uint8_t {
    start,  // nothing: the boot began
    job,    // that another job ended, or said that it is ready
    device, // that a device appeared or changed
    time,   // that a wait was over: a pause between tries, a wait for members
    person, // that a person answered, or gave a command
};

struct Cause {
    CauseKind kind = CauseKind::start;
    std::string device{}; // its name: "vda2"
    // That ended; of a device, the job during which it appeared; of a person, whoever asked.
    std::optional<std::size_t> job{};
    std::optional<std::size_t> wait{}; // for the person who answered
};

// For a person: from a question, of a job, a program that a job runs, or the engine, to its answer;
// or a break.
struct PersonWait {
    std::string text; // what is asked: "Passphrase for cryptroot (/dev/vda2)"
    Duration start{0};
    std::optional<Duration> end{};
    std::optional<std::size_t> job{}; // that asks; of the engine's questions and of breaks: nothing
    Cause cause{};                    // of the question
};

struct CausedJob {
    std::string name;  // as in the timeline: step_title()
    Duration start{0}; // CLOCK_MONOTONIC
    std::optional<Duration> end;
    Cause cause;
};

// All jobs of a recorded boot in the order in which they were started, which is that of the steps
// of its timeline, and what ended it.
struct Causes {
    std::vector<CausedJob> jobs;
    std::vector<PersonWait> waits; // in the order in which they began
    Duration begin{0};
    std::optional<Duration> end; // the decision to switch root, or to give up
    bool is_booted = false;
    Cause last; // what that waited for
    // The record reached its size limit: how the boot ended is not known.
    bool is_truncated = false;
};

// Runs the recorded boot again: the engine is pure, so it decides the same. Error: it does not,
// because another version has recorded the boot, or the record was changed.
[[nodiscard]] Result<Causes> find_causes(const Record &record);

// The jobs that the end of the boot had to wait for, first one first. `unit`: those that the last
// run of this unit had to wait for, with itself; nothing: it did not run.
[[nodiscard]] std::vector<std::size_t> critical_chain(const Causes &causes);
[[nodiscard]] std::optional<std::vector<std::size_t>> critical_chain(const Causes &causes,
                                                                     const std::string &unit);

} // namespace slipway::report
