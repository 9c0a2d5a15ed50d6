// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/events.h"
#include "sim/explorer/machine.h"
#include "sim/explorer/oracle.h"

namespace slipway::sim {

// How a simulated boot ended.
enum class Ending : std::uint8_t {
    real_root,
    emergency,
    unlimited_wait, // it waits for what it was told to wait for without limit
    unanswered,     // a question of the engine that nobody answers
    silence,        // nothing runs, no timer: wrong
    unbounded       // it never comes to an end: wrong
};

struct Violation {
    std::string invariant;
    std::string text;
};

// What must hold in every boot, checked from outside: from the events that went into the engine
// and the actions that came out, with nothing of the engine's own state. Keeps the first violation.
class Invariants {
public:
    explicit Invariants(const Machine &machine);
    // These are not reported.
    void ignore(std::vector<std::string> invariants) { ignored_ = std::move(invariants); }

    // The order of a step: the event, the actions that follow, the end of the step.
    void event(Duration now, const Event &event);
    void action(Duration now, const Action &action);
    void step_ended(Duration now, std::optional<Duration> timer);
    void boot_ended(Ending ending, Verdict verdict);

    [[nodiscard]] const std::optional<Violation> &violation() const noexcept { return violation_; }
    [[nodiscard]] bool has_open_question() const noexcept { return !questions_.empty(); }
    // Something is still to be done that why() must name.
    [[nodiscard]] bool is_under_way() const { return !has_ended_ && !has_root(); }
    // Nothing runs but services, which never end by themselves.
    [[nodiscard]] bool is_idle() const;
    // Some wait of this machine has no limit, on purpose.
    [[nodiscard]] bool may_wait_for_ever() const;
    void report(std::string_view invariant, std::string text);

private:
    struct Running {
        StartJob request;
        std::optional<Duration> deadline; // absent while it stands still
        Duration left{0};
        unsigned stops = 0; // prompts, and waits for a resource
        bool is_cancelled = false;
        bool is_serving = false; // a service that is ready
        std::string resource;    // granted at run time
        std::uint64_t amount = 0;
        bool is_granted = false;
    };

    void on(const DeviceGone &event);
    void on(const JobFinished &event);
    void on(const PromptOpened &event);
    void on(const PromptClosed &event);
    void on(const ResourceRequested &event);
    void on(const QuestionAnswered &event);
    void on(const ServiceReady &event);
    template <class Other>
    void on(const Other &) {}

    void did(const StartJob &action);
    void did(const CancelJob &action);
    void did(const LogMessage &action);
    void did(const EnterRealRoot &action);
    void did(const EnterEmergency &action);
    void did(const ShowPrompt &action);
    void did(const AskQuestion &action);
    void did(const WithdrawQuestion &action);
    void did(const ResourceGranted &action);
    template <class Other>
    void did(const Other &) {}

    void check_barrier(const StartJob &action);
    void check_wanted(const StartJob &action);
    void check_wanted_assembly(const AssemblyModel &assembly);
    void check_alternative(const JobModel &job);
    void check_clock(const StartJob &action);
    void check_rerun(const StartJob &action);
    void check_alone(const StartJob &action);
    void check_resources();
    void check_deadlines();
    void check_goals();
    [[nodiscard]] bool has_root() const;
    void stop_clock(Running &run);
    void go_on(Running &run);
    void note_ended(const Running &run, JobOutcome outcome);
    void note_inspected(const Running &run, const JobFinished &event);
    void note_eligible();
    [[nodiscard]] bool may_lead_to_goal(const AssemblyModel &assembly) const;
    [[nodiscard]] bool is_known(std::string_view reference) const;
    [[nodiscard]] Params static_amounts(std::string_view unit) const;
    [[nodiscard]] Duration runnable(Duration now) const;

    const Machine &machine_;
    std::optional<Violation> violation_;
    std::vector<std::string> ignored_;
    Duration now_{0};
    std::map<JobId, Running> running_;
    std::map<std::string, DeviceId, std::less<>> by_syspath_;
    std::set<std::string, std::less<>> done_;
    std::set<std::string, std::less<>> failed_;
    std::set<std::string, std::less<>> started_;
    std::map<std::string, unsigned, std::less<>> tries_;
    std::map<std::string, StartJob, std::less<>> incomplete_; // the run that said so
    std::set<std::string, std::less<>> imported_;             // plugins
    std::set<DeviceId> known_;          // what the probe told of them is known
    std::set<DeviceId> showing_;        // shared file systems show through them
    std::set<AssemblyId> without_goal_; // have members, and nothing needed them so far
    std::set<AssemblyId> with_members_;
    std::set<AssemblyId> eligible_;
    std::set<QuestionId> questions_;
    unsigned prompts_ = 0;
    bool had_prompt_ = false; // when the step began
    Duration stopped_at_{0};
    Duration lost_{0};
    bool has_ended_ = false;
};

} // namespace slipway::sim
