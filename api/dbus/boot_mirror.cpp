// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/boot_mirror.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "boot/ask_publisher.h"
#include "engine/decision_log.h"
#include "unit/unit_catalog.h"

namespace slipway {

namespace {

// Of a question that PID 1 itself publishes.
std::string own_ask_file(QuestionId question) {
    return question == 0 ? "" : kOwnAskPrefix + std::to_string(question);
}

} // namespace

Result<> BootMirror::feed(std::string_view piece, bool is_whole) {
    auto read = stream_.feed(piece);
    if (read && is_whole)
        read = stream_.settle();
    if (!read)
        return std::unexpected(std::move(read).error().with_context("the record of the boot"));
    for (const RecordedStep &step : stream_.take_steps())
        play(step);
    return {};
}

void BootMirror::play(const RecordedStep &step) {
    ++steps_;
    last_step_ = step.when;
    if (!engine_) {
        engine_ = std::make_unique<Engine>(make_catalog(stream_.record().units).set,
                                           stream_.record().config);
        timeline_.emplace(step.when);
        for (const Action &action : engine_->start(step.when))
            look_at(step.when, action);
        return;
    }
    if (!step.event)
        return;
    const auto actions = engine_->handle(step.when, *step.event);
    look_at(step.when, *step.event);
    for (const Action &action : actions)
        look_at(step.when, action);
}

void BootMirror::look_at(Duration when, const Event &event) {
    using Kind = Asker::Kind;
    if (const auto *asks = std::get_if<PromptOpened>(&event)) {
        open({Kind::job, asks->job}, asks->question,
             {asks->text, unit_of(asks->job), false, own_ask_file(asks->question)});
        if (const auto job = jobs_.find(asks->job); job != jobs_.end())
            timeline_->prompt_opened(job->second.step, when);
    } else if (const auto *answered = std::get_if<PromptClosed>(&event)) {
        close({Kind::job, answered->job});
        if (const auto job = jobs_.find(answered->job); job != jobs_.end())
            timeline_->prompt_closed(job->second.step, when);
    } else if (const auto *finished = std::get_if<JobFinished>(&event)) {
        close({Kind::job, finished->job});
        if (const auto job = jobs_.extract(finished->job); !job.empty())
            timeline_->ended(job.mapped().step, outcome_of(finished->outcome), when);
    } else if (const auto *replied = std::get_if<QuestionAnswered>(&event)) {
        close({Kind::question, replied->question});
    } else if (const auto *foreign = std::get_if<ForeignPromptOpened>(&event)) {
        open({Kind::foreign, foreign->number}, foreign->question,
             {foreign->text, unit_of(foreign->job), false, foreign->file});
    } else if (const auto *closed = std::get_if<ForeignPromptClosed>(&event)) {
        close({Kind::foreign, closed->number});
    }
}

void BootMirror::look_at(Duration when, const Action &action) {
    using Kind = Asker::Kind;
    if (const auto *start = std::get_if<StartJob>(&action)) {
        const std::string title = step_title(*start);
        const auto step =
            timeline_->started(title, start->plugin, operation_name(start->operation), when);
        jobs_.insert_or_assign(start->job, RunningJob{start->unit, step});
    } else if (const auto *shown = std::get_if<ShowPrompt>(&action)) {
        show({Kind::job, shown->job});
    } else if (const auto *foreign = std::get_if<ShowForeignPrompt>(&action)) {
        show({Kind::foreign, foreign->number});
    } else if (const auto *question = std::get_if<AskQuestion>(&action)) {
        open({Kind::question, question->question}, question->question,
             {printable(question->text, 300), "", true, own_ask_file(question->question)});
    } else if (const auto *withdrawn = std::get_if<WithdrawQuestion>(&action)) {
        close({Kind::question, withdrawn->question});
    }
}

// The same question again is another one: its number tells an answer that comes too late.
void BootMirror::open(Asker asker, PromptNumber number, OpenPrompt prompt) {
    close(asker);
    // Records without numbers have some for the engine's questions all the same.
    if (number == 0 || prompts_.contains(number))
        number = last_prompt_ + 1;
    last_prompt_ = std::max(last_prompt_, number);
    askers_[asker] = number;
    prompts_.insert_or_assign(number, std::move(prompt));
}

void BootMirror::show(Asker asker) {
    if (const auto found = askers_.find(asker); found != askers_.end())
        prompts_.at(found->second).is_shown = true;
}

void BootMirror::close(Asker asker) {
    if (const auto closed = askers_.extract(asker); !closed.empty())
        prompts_.erase(closed.mapped());
}

std::string BootMirror::unit_of(JobId job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? "" : found->second.unit;
}

std::string BootMirror::timeline(Duration now) const {
    return timeline_.value_or(Timeline(now)).to_json(now);
}

} // namespace slipway
