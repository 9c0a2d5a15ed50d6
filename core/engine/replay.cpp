// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/replay.h"

#include <algorithm>

#include "unit/unit_catalog.h"

namespace slipway {

Replay::Replay(const Record &record)
    : record_(record),
      engine_(std::make_unique<Engine>(make_catalog(record.units).set, record.config)) {}

void Replay::run(std::optional<Duration> until) {
    for (const RecordedStep &step : record_.steps) {
        if (until && step.when > *until)
            break;
        play(step);
        if (difference_)
            return;
    }
    // Only the clock moves: a deadline before `until` would have been a step of the record.
    if (until && steps_ > 0)
        (void)engine_->handle(*until, TimePassed{});
}

void Replay::play(const RecordedStep &step) {
    const std::vector<Action> actions =
        step.event ? engine_->handle(step.when, *step.event) : engine_->start(step.when);
    ++steps_;
    std::vector<std::string> replayed;
    for (const Action &action : actions) {
        replayed.push_back(log_.describe(action));
        if (!is_bookkeeping(action))
            decisions_.push_back({step.when, replayed.back()});
    }
    if (step.event) {
        if (const auto *finished = std::get_if<JobFinished>(&*step.event))
            log_.forget(finished->job);
    }
    compare(step, replayed);
}

void Replay::compare(const RecordedStep &step, const std::vector<std::string> &replayed) {
    const std::size_t count = std::max(step.decisions.size(), replayed.size());
    const auto at = [](const std::vector<std::string> &texts, std::size_t index) {
        return index < texts.size() ? std::optional(texts[index]) : std::nullopt;
    };
    for (std::size_t i = 0; i < count; ++i) {
        auto recorded = at(step.decisions, i);
        auto again = at(replayed, i);
        if (recorded != again) {
            difference_ = {step.when, step.line, std::move(recorded), std::move(again)};
            return;
        }
        ++compared_;
    }
}

} // namespace slipway
