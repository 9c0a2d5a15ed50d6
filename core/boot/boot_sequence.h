// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "boot/answer_store.h"
#include "boot/ask_file.h"
#include "boot/device_links.h"
#include "boot/prompt_broker.h"
#include "boot/timeline.h"
#include "device/uevent.h"
#include "engine/engine.h"
#include "engine/record.h"
#include "event/event_loop.h"
#include "worker/worker_pool.h"

namespace slipway {

// Between the engine and the world: turns what happens into events, and the engine's actions into
// workers, links, prompts and timers. Owned by main; lives in PID 1 until the switch.
class BootSequence final : public WorkerListener {
public:
    struct Parts {
        EventLoop &loop;
        Log &log;
        PromptBroker &prompts;
        DeviceLinks &links;
        Timeline &timeline;
        Recorder &recorder;
    };
    struct Ends {
        // The root is ready and all workers have ended.
        std::function<void()> switch_root;
        // A goal cannot be reached; `why` has one line per link of the chain.
        std::function<void(const std::string &why)> emergency;
        // The boot stands still until continue_break().
        std::function<void(const OpenBreak &point)> open_break = {};
    };

    // `spawn` is replaced in tests.
    BootSequence(const Parts &parts, Engine &engine, Ends ends,
                 WorkerPool::Spawn spawn = WorkerPool::fork_worker);

    void add_plugin(std::string name, PluginService service) {
        pool_.add_plugin(std::move(name), std::move(service));
    }
    // Starts the engine. Error: the loop refuses its callbacks.
    [[nodiscard]] Result<> start();

    void device_event(const Uevent &event);
    // After an emergency: everything that failed is tried again.
    void retry();
    // A person lets the boot go on after `open_break`.
    void continue_break(const std::string &name);
    // The titles of the jobs that run.
    [[nodiscard]] std::vector<std::string> running() const;
    // Wipes every answer that is kept for a question to come: before the switch, and when a shell
    // may follow.
    void forget_answers() { answers_.wipe(); }
    // A program asks with an ask file (AskWatcher); `number` names the question. Its end is told
    // with foreign_closed(), unless it was answered.
    using ForeignReply =
        std::function<void(std::uint32_t number, bool is_answered, const Secret &secret)>;
    void on_foreign_reply(ForeignReply reply) { foreign_reply_ = std::move(reply); }
    void foreign_opened(std::uint32_t number, const AskFile &question);
    void foreign_closed(std::uint32_t number);
    // What a person asks for; counts as of the end of this round of the loop.
    void command(UserCommand command) { submit(std::move(command)); }
    // `callback` runs each time when all events of a round have been handled.
    void on_round_end(std::function<void()> callback) { round_end_ = std::move(callback); }
    // How many jobs ended well: tells whether anything changed between two emergencies.
    [[nodiscard]] std::uint64_t progress() const noexcept { return progress_; }

    void job_finished(JobFinished finished) override;
    void job_logged(JobId job, LogLevel level, const std::string &text) override;
    void job_progressed(JobId job, const std::string &text) override;
    void job_asks(const AskMessage &question) override;
    void job_acquires(JobId job, const std::string &resource, std::uint64_t amount) override;
    void job_releases(JobId job) override;
    void job_ready(JobId job, std::map<std::string, Facts> published) override;
    [[nodiscard]] int job_answers(JobId job, const std::string &question, Secret secret) override;

private:
    struct RunningJob {
        std::string plugin;
        std::string title; // for messages: the unit, or "inspect /dev/vda"
        Timeline::StepId step = 0;
        std::optional<Prompt> question; // asked, and not shown yet
        std::optional<PromptId> prompt; // shown
        std::string question_id;        // of the last question
        bool may_keep_answer = false;   // what was typed for it is a secret that others may share
        std::string progress;           // what it said last about what it is doing
    };

    struct ForeignQuestion {
        Prompt prompt;
        std::optional<PromptId> shown;
    };

    void submit(Event event) { queue_.push_back(std::move(event)); }
    void number_question(Event &event);
    void drain();
    void carry_out(const std::vector<Action> &actions);
    void on(const StartJob &action);
    void on(const CancelJob &action);
    void on(const DeviceUpdated &action);
    void on(const ArmTimer &action);
    void on(const LogMessage &action);
    void on(const EnterRealRoot &action);
    void on(const EnterEmergency &action);
    void on(const ShowPrompt &action);
    void on(const AskQuestion &action);
    void on(const WithdrawQuestion &action);
    void on(const ResourceGranted &action);
    void on(const ShowForeignPrompt &action);
    void on(const OpenBreak &action) { ends_.open_break(action); }
    void foreign_answered(std::uint32_t number, const PromptAnswer &answer);
    [[nodiscard]] bool answer_foreign_from_store(std::uint32_t number, const Prompt &prompt);
    void close_prompt(JobId id, RunningJob &job);
    void answered(JobId id, PromptAnswer answer);
    [[nodiscard]] bool answer_from_store(JobId id, const Prompt &prompt);
    void question_answered(QuestionId id, const PromptAnswer &answer);

    Parts parts_;
    Engine &engine_;
    Ends ends_;
    WorkerPool pool_;
    AnswerStore answers_;
    std::deque<Event> queue_;
    std::map<JobId, RunningJob> jobs_;
    std::map<QuestionId, PromptId> questions_;
    std::map<std::uint32_t, ForeignQuestion> foreign_;
    ForeignReply foreign_reply_;
    std::function<void()> round_end_;
    EventSourcePtr after_round_;
    EventSourcePtr timer_;
    std::uint64_t progress_ = 0;
};

} // namespace slipway
