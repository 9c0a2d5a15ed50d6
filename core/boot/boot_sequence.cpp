// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/boot_sequence.h"

#include <unistd.h>

#include <utility>

#include <slipway/abi.h>

#include "engine/decision_log.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxProgressBytes = 300;

} // namespace

BootSequence::BootSequence(const Parts &parts, Engine &engine, Ends ends, WorkerPool::Spawn spawn)
    : parts_(parts), engine_(engine), ends_(std::move(ends)),
      pool_(parts.loop, *this, std::move(spawn)), answers_(parts.loop, parts.log) {}

Result<> BootSequence::start() {
    auto after_round = parts_.loop.after_each_round([this] { drain(); });
    if (!after_round)
        return std::unexpected(std::move(after_round).error());
    after_round_ = std::move(*after_round);
    const Duration now = parts_.loop.now();
    const std::vector<Action> actions = engine_.start(now);
    parts_.recorder.started(now, actions);
    carry_out(actions);
    drain();
    return {};
}

// Events wait here until the callback that brought them has returned, so that the engine is never
// entered from inside one of its own actions.
void BootSequence::drain() {
    while (!queue_.empty()) {
        Event event = std::move(queue_.front());
        queue_.pop_front();
        number_question(event);
        const Duration now = parts_.loop.now();
        const std::vector<Action> actions = engine_.handle(now, event);
        // First: an emergency leaves a record that tells of itself.
        parts_.recorder.handled(now, event, actions);
        carry_out(actions);
    }
    if (round_end_)
        round_end_();
}

// In the order of the record, and not when they are asked: the engine takes numbers for its own
// questions in between.
void BootSequence::number_question(Event &event) {
    if (auto *foreign = std::get_if<ForeignPromptOpened>(&event)) {
        foreign->question = engine_.next_question();
    } else if (auto *asks = std::get_if<PromptOpened>(&event)) {
        asks->question = engine_.next_question();
        if (const auto job = jobs_.find(asks->job); job != jobs_.end() && job->second.question)
            job->second.question->number = asks->question;
    }
}

void BootSequence::carry_out(const std::vector<Action> &actions) {
    for (const Action &action : actions)
        std::visit([this](const auto &value) { on(value); }, action);
}

// ---- what happens -------------------------------------------------------------------------------

void BootSequence::device_event(const Uevent &event) {
    if (event.action == Uevent::Action::remove) {
        submit(DeviceGone{event.syspath});
        return;
    }
    // A network interface that got another name is another directory of sysfs.
    const auto old_path = event.facts.find("uevent.DEVPATH_OLD");
    if (event.action == Uevent::Action::move && old_path != event.facts.end())
        submit(DeviceGone{"/sys" + old_path->second});
    submit(DeviceChanged{event.syspath, event.facts});
}

void BootSequence::retry() {
    submit(RetryFailed{});
    drain();
}

void BootSequence::continue_break(const std::string &name) {
    submit(BreakContinued{name});
    drain();
}

std::vector<std::string> BootSequence::running() const {
    std::vector<std::string> titles;
    for (const auto &[id, job] : jobs_)
        titles.push_back(job.progress.empty() ? job.title : job.title + ": " + job.progress);
    return titles;
}

void BootSequence::job_finished(JobFinished finished) {
    const auto found = jobs_.find(finished.job);
    if (found == jobs_.end())
        return;
    RunningJob &job = found->second;
    close_prompt(finished.job, job);
    parts_.timeline.ended(job.step, outcome_of(finished.outcome), parts_.loop.now());
    if (finished.outcome == JobOutcome::done)
        ++progress_;
    parts_.log.debug(job.title + ": " +
                     (finished.outcome == JobOutcome::done ? "done" : "not done") +
                     (finished.reason.empty() ? "" : ", " + finished.reason));
    jobs_.erase(found);
    submit(std::move(finished));
}

void BootSequence::job_logged(JobId job, LogLevel level, const std::string &text) {
    const auto found = jobs_.find(job);
    const std::string plugin = found == jobs_.end() ? "?" : found->second.plugin;
    parts_.log.write(level, plugin + ": " + text, plugin);
    parts_.prompts.redraw();
}

void BootSequence::job_progressed(JobId job, const std::string &text) {
    job_logged(job, LogLevel::debug, text);
    // What the console says of a job that takes long.
    const auto found = jobs_.find(job);
    if (found == jobs_.end() || found->second.progress == text)
        return;
    found->second.progress = text;
    submit(JobProgressed{job, printable(text, kMaxProgressBytes)});
}

void BootSequence::job_asks(const AskMessage &question) {
    const auto found = jobs_.find(question.job);
    if (found == jobs_.end())
        return;
    const JobId id = question.job;
    Prompt prompt;
    prompt.message = printable(question.message, 200);
    prompt.echo = question.echo != 0;
    if (question.timeout_usec > 0)
        prompt.timeout = Duration(static_cast<std::int64_t>(question.timeout_usec & INT64_MAX));
    prompt.id = question.id;
    prompt.accepts_typed = question.accept_cached != 0 && !prompt.echo;
    found->second.question_id = prompt.id;
    found->second.may_keep_answer = !prompt.echo;
    answers_.asked(prompt.id);
    if (answer_from_store(id, prompt))
        return;
    submit(PromptOpened{id, prompt.message});
    found->second.question = std::move(prompt);
    parts_.timeline.prompt_opened(found->second.step, parts_.loop.now());
}

void BootSequence::job_acquires(JobId job, const std::string &resource, std::uint64_t amount) {
    submit(ResourceRequested{job, resource, amount});
}

void BootSequence::job_releases(JobId job) {
    submit(ResourceReleased{job});
}

void BootSequence::job_ready(JobId job, std::map<std::string, Facts> published) {
    submit(ServiceReady{job, std::move(published)});
}

void BootSequence::answered(JobId id, PromptAnswer answer) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end())
        return;
    const bool is_answered = answer.status == AnswerStatus::answered;
    if (is_answered && found->second.may_keep_answer)
        answers_.typed(found->second.question_id, answer.secret);
    found->second.prompt.reset();
    parts_.timeline.prompt_closed(found->second.step, parts_.loop.now());
    submit(PromptClosed{id});
    pool_.answer(id, is_answered, answer.secret);
}

bool BootSequence::answer_from_store(JobId id, const Prompt &prompt) {
    const auto found = answers_.find(prompt.id, prompt.accepts_typed);
    if (!found)
        return false;
    const bool is_typed = found->kind == AnswerStore::Kind::typed;
    parts_.log.debug(jobs_.at(id).title + ": answered with " +
                     (is_typed ? "what was typed for another question" : "what a plugin gave"));
    pool_.answer(id, true, found->secret, is_typed ? SLIPWAY_SOURCE_CACHE : SLIPWAY_SOURCE_PLUGIN);
    return true;
}

// Everybody who waits for this answer gets it; if nobody does, it waits for the question.
int BootSequence::job_answers(JobId job, const std::string &question, Secret secret) {
    std::vector<JobId> asking;
    for (const auto &[id, running] : jobs_) {
        if ((running.question || running.prompt) && running.question_id == question)
            asking.push_back(id);
    }
    bool is_used = !asking.empty();
    for (auto entry = foreign_.begin(); entry != foreign_.end();) {
        const auto [number, foreign] = *entry++;
        if (foreign.prompt.id != question || question.empty())
            continue;
        is_used = true;
        foreign_closed(number);
        if (foreign_reply_)
            foreign_reply_(number, true, secret);
    }
    if (!is_used)
        return answers_.give(question, std::move(secret));
    for (const JobId id : asking) {
        RunningJob &running = jobs_.at(id);
        parts_.log.info(running.title + ": answered by " + jobs_.at(job).title);
        close_prompt(id, running);
        pool_.answer(id, true, secret, SLIPWAY_SOURCE_PLUGIN);
    }
    return 0;
}

void BootSequence::close_prompt(JobId id, RunningJob &job) {
    if (!job.prompt && !job.question)
        return;
    job.question.reset();
    if (const auto shown = std::exchange(job.prompt, std::nullopt))
        parts_.prompts.withdraw(*shown);
    parts_.timeline.prompt_closed(job.step, parts_.loop.now());
    submit(PromptClosed{id});
}

// ---- what the engine wants ----------------------------------------------------------------------

void BootSequence::on(const StartJob &action) {
    RunningJob job;
    job.plugin = action.plugin;
    job.title = step_title(action);
    job.step = parts_.timeline.started(job.title, action.plugin, operation_name(action.operation),
                                       parts_.loop.now());
    jobs_.insert_or_assign(action.job, job);
    if (auto started = pool_.start(action); !started) {
        JobFinished failed;
        failed.job = action.job;
        failed.reason = "cannot start " + job.title + ": " + started.error().message();
        job_finished(std::move(failed));
    }
}

void BootSequence::on(const CancelJob &action) {
    if (const auto found = jobs_.find(action.job); found != jobs_.end()) {
        parts_.log.debug(found->second.title + ": cancelled: " + action.reason);
        close_prompt(action.job, found->second);
    }
    pool_.cancel(action.job);
}

void BootSequence::on(const DeviceUpdated &action) {
    parts_.links.update(action.syspath, engine_.facts(action.syspath));
}

void BootSequence::on(const ArmTimer &action) {
    timer_.reset();
    if (!action.when)
        return;
    auto timer = parts_.loop.at(*action.when, [this] { submit(TimePassed{}); });
    if (timer)
        timer_ = std::move(*timer);
    else
        parts_.log.error("deadlines are not watched any more: " + timer.error().message());
}

void BootSequence::on(const LogMessage &action) {
    parts_.log.write(action.level, action.text);
    parts_.prompts.redraw();
}

void BootSequence::on(const ShowPrompt &action) {
    const auto found = jobs_.find(action.job);
    if (found == jobs_.end() || !found->second.question)
        return;
    const JobId id = action.job;
    Prompt prompt = *std::exchange(found->second.question, std::nullopt);
    // While it waited for the console, somebody may have typed what opens this one, too.
    if (answer_from_store(id, prompt)) {
        parts_.timeline.prompt_closed(found->second.step, parts_.loop.now());
        submit(PromptClosed{id});
        return;
    }
    found->second.prompt = parts_.prompts.open(
        std::move(prompt), [this, id](PromptAnswer answer) { answered(id, std::move(answer)); });
}

void BootSequence::on(const AskQuestion &action) {
    const QuestionId id = action.question;
    Prompt prompt;
    prompt.message = printable(action.text, 300) + " [y/N]";
    prompt.number = id;
    prompt.echo = true;
    const PromptId shown =
        parts_.prompts.open(std::move(prompt), [this, id](const PromptAnswer &answer) {
            question_answered(id, answer);
        });
    questions_.insert_or_assign(id, shown);
}

void BootSequence::question_answered(QuestionId id, const PromptAnswer &answer) {
    questions_.erase(id);
    const std::string_view text = answer.secret.view();
    const bool is_yes = answer.status == AnswerStatus::answered && !text.empty() &&
                        (text.front() == 'y' || text.front() == 'Y');
    submit(QuestionAnswered{id, is_yes});
}

void BootSequence::on(const WithdrawQuestion &action) {
    if (const auto found = questions_.extract(action.question); !found.empty())
        parts_.prompts.withdraw(found.mapped());
}

void BootSequence::on(const ResourceGranted &action) {
    pool_.grant(action.job);
}

// ---- programs that ask on their own -------------------------------------------------------------

void BootSequence::foreign_opened(std::uint32_t number, const AskFile &question) {
    Prompt prompt;
    prompt.message = question.message;
    prompt.id = question.id;
    prompt.echo = question.echo;
    prompt.accepts_typed = question.accept_cached && !question.echo;
    prompt.is_from_agent = true;
    answers_.asked(prompt.id);
    if (answer_foreign_from_store(number, prompt))
        return;
    // A program that a plugin runs is in the session of its worker.
    const pid_t session = question.pid > 0 ? ::getsid(question.pid) : -1;
    submit(ForeignPromptOpened{number, session > 0 ? pool_.job_of_session(session) : 0,
                               prompt.message, 0, question.file});
    foreign_.insert_or_assign(number, ForeignQuestion{std::move(prompt), std::nullopt});
}

void BootSequence::foreign_closed(std::uint32_t number) {
    const auto closed = foreign_.extract(number);
    if (closed.empty())
        return;
    if (closed.mapped().shown)
        parts_.prompts.withdraw(*closed.mapped().shown);
    submit(ForeignPromptClosed{number});
}

void BootSequence::on(const ShowForeignPrompt &action) {
    const auto found = foreign_.find(action.number);
    if (found == foreign_.end())
        return;
    const std::uint32_t number = action.number;
    // While it waited for the console, somebody may have typed what opens this one, too.
    if (answer_foreign_from_store(number, found->second.prompt)) {
        foreign_closed(number);
        return;
    }
    found->second.shown =
        parts_.prompts.open(found->second.prompt, [this, number](const PromptAnswer &answer) {
            foreign_answered(number, answer);
        });
}

void BootSequence::foreign_answered(std::uint32_t number, const PromptAnswer &answer) {
    const auto answered = foreign_.extract(number);
    if (answered.empty())
        return;
    const Prompt &prompt = answered.mapped().prompt;
    const bool is_answered = answer.status == AnswerStatus::answered;
    if (is_answered && !prompt.echo)
        answers_.typed(prompt.id, answer.secret);
    submit(ForeignPromptClosed{number});
    if (foreign_reply_)
        foreign_reply_(number, is_answered, answer.secret);
}

bool BootSequence::answer_foreign_from_store(std::uint32_t number, const Prompt &prompt) {
    const auto found = answers_.find(prompt.id, prompt.accepts_typed);
    if (!found)
        return false;
    parts_.log.debug("a program asked \"" + prompt.message + "\": answered from memory");
    if (foreign_reply_)
        foreign_reply_(number, true, found->secret);
    return true;
}

void BootSequence::on(const EnterRealRoot &) {
    pool_.end_all([this] { ends_.switch_root(); });
}

void BootSequence::on(const EnterEmergency &action) {
    ends_.emergency(action.why);
}

} // namespace slipway
