// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/causes.h"

#include <algorithm>
#include <cerrno>
#include <format>
#include <map>
#include <ranges>
#include <utility>
#include <variant>

#include "engine/decision_log.h"
#include "engine/engine.h"
#include "unit/unit_catalog.h"

namespace slipway::report {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

std::string last_part(const std::string &syspath) {
    return syspath.substr(syspath.rfind('/') + 1);
}

// A question is known by who asks it, until it is answered.
enum class AskerKind : std::uint8_t { job, program, engine, stop };
using Asker = std::pair<AskerKind, std::string>;

class Search {
public:
    explicit Search(const Record &record)
        : record_(record), engine_(make_catalog(record.units).set, record.config) {}

    Result<Causes> run() {
        causes_.is_truncated = record_.is_truncated;
        for (const RecordedStep &step : record_.steps) {
            const Cause cause = step.event ? cause_of(*step.event) : Cause{};
            if (!step.event)
                causes_.begin = step.when;
            const auto actions =
                step.event ? engine_.handle(step.when, *step.event) : engine_.start(step.when);
            if (!is_as_recorded(step, actions))
                return failure(std::format("line {}: this slipway decides something else than was "
                                           "recorded; use the version that made the record",
                                           step.line),
                               EINVAL);
            // Its end is its own: what starts at this moment starts after it.
            if (step.event) {
                note_answer(*step.event, step.when);
                note_end(*step.event, step.when);
                note_question(*step.event, step.when);
            }
            for (const Action &action : actions) {
                note(action, cause, step.when);
                note_question(action, cause, step.when);
            }
        }
        return std::move(causes_);
    }

private:
    [[nodiscard]] bool is_as_recorded(const RecordedStep &step,
                                      const std::vector<Action> &actions) {
        std::vector<std::string> decisions;
        for (const Action &action : actions)
            decisions.push_back(log_.describe(action));
        if (step.event) {
            if (const auto *finished = std::get_if<JobFinished>(&*step.event))
                log_.forget(finished->job);
        }
        return decisions == step.decisions;
    }

    [[nodiscard]] Cause cause_of(const Event &event) const {
        if (const auto asker = answered_by(event))
            return of_answer(*asker);
        return std::visit(
            Overloaded{[&](const DeviceChanged &change) { return of_device(change.syspath); },
                       [&](const DeviceGone &gone) { return of_device(gone.syspath); },
                       [](const TimePassed &) { return Cause{.kind = CauseKind::time}; },
                       [&](const JobFinished &end) { return of_job(end.job); },
                       [&](const ServiceReady &ready) { return of_job(ready.job); },
                       [&](const JobProgressed &progress) { return of_job(progress.job); },
                       [&](const PromptOpened &asks) { return of_job(asks.job); },
                       [&](const ForeignPromptOpened &asks) { return of_job(asks.job); },
                       [&](const ResourceRequested &request) { return of_job(request.job); },
                       [&](const ResourceReleased &release) { return of_job(release.job); },
                       // Commands.
                       [](const auto &) { return Cause{.kind = CauseKind::person}; }},
            event);
    }

    // Who asked what this event answers.
    static std::optional<Asker> answered_by(const Event &event) {
        if (const auto *closed = std::get_if<PromptClosed>(&event))
            return Asker{AskerKind::job, std::to_string(closed->job)};
        if (const auto *closed = std::get_if<ForeignPromptClosed>(&event))
            return Asker{AskerKind::program, std::to_string(closed->number)};
        if (const auto *answered = std::get_if<QuestionAnswered>(&event))
            return Asker{AskerKind::engine, std::to_string(answered->question)};
        if (const auto *left = std::get_if<BreakContinued>(&event))
            return Asker{AskerKind::stop, left->name};
        return std::nullopt;
    }

    [[nodiscard]] Cause of_answer(const Asker &asker) const {
        Cause cause{.kind = CauseKind::person};
        if (const auto found = open_waits_.find(asker); found != open_waits_.end()) {
            const PersonWait &wait = causes_.waits[found->second];
            cause.wait = found->second;
            // What the engine asks about has its reason, too: the chain goes on there.
            cause.job = wait.job ? wait.job : wait.cause.job;
        }
        return cause;
    }

    [[nodiscard]] Cause of_job(JobId id) const {
        const auto found = running_.find(id);
        if (found == running_.end())
            return {.kind = CauseKind::time};
        return {.kind = CauseKind::job, .device = {}, .job = found->second};
    }

    // Whoever started last among those that are at work has most likely brought it.
    [[nodiscard]] Cause of_device(const std::string &syspath) const {
        Cause cause{.kind = CauseKind::device, .device = last_part(syspath), .job = {}};
        for (const std::size_t index : running_ | std::views::values)
            if (is_maker_.at(index) && (!cause.job || index > *cause.job))
                cause.job = index;
        return cause;
    }

    void note_end(const Event &event, Duration when) {
        const auto *end = std::get_if<JobFinished>(&event);
        const auto found = end == nullptr ? running_.end() : running_.find(end->job);
        if (found == running_.end())
            return;
        close_wait({AskerKind::job, std::to_string(end->job)}, when);
        causes_.jobs[found->second].end = when;
        running_.erase(found);
    }

    void note_answer(const Event &event, Duration when) {
        if (const auto asker = answered_by(event))
            close_wait(*asker, when);
    }

    void note_question(const Event &event, Duration when) {
        if (const auto *asks = std::get_if<PromptOpened>(&event))
            open_wait({AskerKind::job, std::to_string(asks->job)}, asks->text, asks->job, when);
        if (const auto *asks = std::get_if<ForeignPromptOpened>(&event))
            open_wait({AskerKind::program, std::to_string(asks->number)}, asks->text, asks->job,
                      when);
    }

    void note_question(const Action &action, const Cause &cause, Duration when) {
        if (const auto *asks = std::get_if<AskQuestion>(&action))
            open_wait({AskerKind::engine, std::to_string(asks->question)}, asks->text, 0, when,
                      cause);
        if (const auto *gone = std::get_if<WithdrawQuestion>(&action))
            close_wait({AskerKind::engine, std::to_string(gone->question)}, when);
        if (const auto *stop = std::get_if<OpenBreak>(&action))
            open_wait({AskerKind::stop, stop->name},
                      std::format("break {}, {}", stop->name, stop->description), 0, when, cause);
    }

    void open_wait(const Asker &asker, const std::string &text, JobId job, Duration when,
                   Cause cause = {}) {
        close_wait(asker, when);
        const auto found = running_.find(job);
        const auto index = found == running_.end() ? std::nullopt : std::optional(found->second);
        if (index)
            cause = {.kind = CauseKind::job, .job = index};
        open_waits_[asker] = causes_.waits.size();
        causes_.waits.push_back(
            {.text = text, .start = when, .job = index, .cause = std::move(cause)});
    }

    void close_wait(const Asker &asker, Duration when) {
        if (const auto closed = open_waits_.extract(asker); !closed.empty())
            causes_.waits[closed.mapped()].end = when;
    }

    void note(const Action &action, const Cause &cause, Duration when) {
        if (const auto *start = std::get_if<StartJob>(&action)) {
            running_[start->job] = causes_.jobs.size();
            is_maker_.push_back(start->operation == Operation::activate);
            causes_.jobs.push_back({step_title(*start), when, std::nullopt, cause});
            return;
        }
        const bool is_booted = std::holds_alternative<EnterRealRoot>(action);
        if (!is_booted && !std::holds_alternative<EnterEmergency>(action))
            return;
        causes_.is_booted = is_booted;
        causes_.end = when;
        causes_.last = cause;
    }

    const Record &record_;
    Engine engine_;
    DecisionLog log_;
    Causes causes_;
    std::map<JobId, std::size_t> running_;
    std::map<Asker, std::size_t> open_waits_;
    std::vector<bool> is_maker_; // by index: can it bring devices?
};

// A job was always started before what it caused, so this ends.
std::vector<std::size_t> chain_to(const Causes &causes, std::optional<std::size_t> job) {
    std::vector<std::size_t> chain;
    while (job) {
        chain.push_back(*job);
        job = causes.jobs[*job].cause.job;
    }
    std::ranges::reverse(chain);
    return chain;
}

} // namespace

Result<Causes> find_causes(const Record &record) {
    return Search(record).run();
}

std::vector<std::size_t> critical_chain(const Causes &causes) {
    return chain_to(causes, causes.last.job);
}

std::optional<std::vector<std::size_t>> critical_chain(const Causes &causes,
                                                       const std::string &unit) {
    const auto last = std::ranges::find(causes.jobs | std::views::reverse, unit, &CausedJob::name);
    if (last == causes.jobs.rend())
        return std::nullopt;
    return chain_to(causes, static_cast<std::size_t>(causes.jobs.rend() - last) - 1);
}

} // namespace slipway::report
