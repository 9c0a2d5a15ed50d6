// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/timeline.h"

#include <algorithm>
#include <format>
#include <utility>

namespace slipway {

namespace {

std::string_view outcome_name(Timeline::Outcome outcome) {
    switch (outcome) {
    case Timeline::Outcome::running:
        return "running";
    case Timeline::Outcome::done:
        return "done";
    case Timeline::Outcome::failed:
        return "failed";
    case Timeline::Outcome::incomplete:
        return "incomplete";
    }
    return "running";
}

std::string step_to_json(const Timeline::Step &step, Duration switch_root) {
    const bool is_running = step.outcome == Timeline::Outcome::running;
    const Duration end = is_running ? switch_root : step.end;
    const Duration open_prompt = step.prompt_since ? switch_root - *step.prompt_since : Duration(0);
    return std::format(R"({{"unit":{},"plugin":{},"operation":{},"start_us":{},"end_us":{},)"
                       R"("outcome":"{}","prompt_us":{}}})",
                       json_string(step.unit), json_string(step.plugin),
                       json_string(step.operation), step.start.count(), end.count(),
                       outcome_name(step.outcome), (step.prompt + open_prompt).count());
}

} // namespace

Timeline::StepId Timeline::started(std::string_view unit, std::string_view plugin,
                                   std::string_view operation, Duration when) {
    if (steps_.size() == kMaxSteps) {
        ++dropped_;
        return kMaxSteps;
    }
    Step step;
    step.unit = unit;
    step.plugin = plugin;
    step.operation = operation;
    step.start = when;
    steps_.push_back(std::move(step));
    return steps_.size() - 1;
}

Timeline::Step *Timeline::find_running(StepId id) {
    if (id >= steps_.size() || steps_[id].outcome != Outcome::running)
        return nullptr;
    return &steps_[id];
}

void Timeline::prompt_opened(StepId id, Duration when) {
    Step *step = find_running(id);
    if (step != nullptr && !step->prompt_since)
        step->prompt_since = when;
}

void Timeline::prompt_closed(StepId id, Duration when) {
    Step *step = find_running(id);
    if (step == nullptr || !step->prompt_since)
        return;
    step->prompt += when - *step->prompt_since;
    step->prompt_since.reset();
}

void Timeline::ended(StepId id, Outcome outcome, Duration when) {
    prompt_closed(id, when);
    if (Step *step = find_running(id)) {
        step->end = when;
        step->outcome = outcome;
    }
}

std::string Timeline::to_json(Duration switch_root) const {
    std::string json =
        std::format(R"({{"version":1,"init_start_us":{},"switch_root_us":{},"dropped_steps":{},)"
                    R"("steps":[)",
                    init_start_.count(), switch_root.count(), dropped_);
    for (const Step &step : steps_) {
        json += &step == steps_.data() ? "\n" : ",\n";
        json += step_to_json(step, switch_root);
    }
    return json + "]}\n";
}

Timeline::Outcome outcome_of(JobOutcome outcome) noexcept {
    switch (outcome) {
    case JobOutcome::done:
        return Timeline::Outcome::done;
    case JobOutcome::incomplete:
        return Timeline::Outcome::incomplete;
    case JobOutcome::failed:
    case JobOutcome::retry:
        break;
    }
    return Timeline::Outcome::failed;
}

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    while (!text.empty()) {
        // Line by line, so that printable() only sees what has no escape of its own here.
        const std::size_t end = std::min(text.find_first_of("\n\t\"\\"), text.size());
        quoted += printable(text.substr(0, end), text.size());
        if (end < text.size()) {
            quoted += '\\';
            const char character = text[end];
            quoted += character == '\n' ? 'n' : character == '\t' ? 't' : character;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return quoted + '"';
}

} // namespace slipway
