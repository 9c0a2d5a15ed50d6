// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/text.h"
#include "report/boot_timeline.h"
#include "report/causes.h"

namespace slipway::report {

// A part of a chain: a job at work, or the wait for a person. What a job does before its question
// and what it does with the answer are links of their own, so the lengths of all links hold each
// moment once.
struct ChainLink {
    std::string unit;  // the job; of the engine's questions and of breaks: empty
    std::string asked; // by a wait for a person: the question; of a job: empty
    Duration start{0}; // CLOCK_MONOTONIC
    Duration length{0};
    Cause cause; // why it began

    [[nodiscard]] bool is_person() const noexcept { return !asked.empty(); }
};

// `chain`: of critical_chain(). What a job asked after the next one had started is left out: that
// one did not wait for it.
[[nodiscard]] std::vector<ChainLink> links_of(const Causes &causes,
                                              const std::vector<std::size_t> &chain);

// How much of it is waiting for a person.
[[nodiscard]] Duration asked_in(const std::vector<ChainLink> &links);

// Notes in a timeline what each of its steps asked and when, if the record is of the same boot:
// false, and nothing is changed, if it is not. That also counts what programs of a job asked, of
// which the timeline does not know.
[[nodiscard]] bool note_questions(const Causes &causes, BootTimeline &timeline);

} // namespace slipway::report
