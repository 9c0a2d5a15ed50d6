// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/deadline_queue.h"
#include "engine/device_table.h"
#include "engine/events.h"
#include "engine/graph.h"
#include "engine/job_table.h"
#include "engine/reference_index.h"
#include "engine/resource_table.h"

namespace slipway {

// One run of a plugin's import operation at the start of the boot.
struct ImportRequest {
    std::string plugin;
    Params params; // "file" and "text", or empty for the kernel command line
};

struct EngineConfig {
    std::string goal = "switch-root";
    std::vector<ImportRequest> imports;
    // Units that could not be loaded, with the reason: who requires them fails with that text.
    std::map<std::string, std::string, std::less<>> broken_units;
    // Of waits for devices and members, in runnable time; nothing: no limit.
    std::optional<Duration> device_timeout = std::chrono::seconds(90);
    // Options of the kernel command line, for conditions: the last value, of lists one per line,
    // "1" for a bare word.
    std::map<std::string, std::string, std::less<>> options;
    // Capacities of the resources that the machine gives: "memory" in KiB, "cpu". What is not named
    // anywhere has a capacity of 1.
    std::map<std::string, std::uint64_t, std::less<>> resources;
    // At which points a person wants to stop (rd.break=): names of UnitSet::breakpoints.
    std::vector<std::string> breaks;
    // Replaces the wait of every degraded policy (rd.retry=).
    std::optional<Duration> degraded_wait;
    // How long jobs marked at_switch = "finish" may hold up the switch, and then those marked
    // "run".
    Duration switch_grace = std::chrono::seconds(10);
    Duration import_timeout = std::chrono::seconds(30);
    Duration inspect_timeout = std::chrono::seconds(30);
    // How long a job may wait for a resource that others hold; for the console there is no limit,
    // since a person decides when it is free.
    Duration resource_timeout = std::chrono::minutes(10);
    // How long a person has to answer a question of the engine; then the answer is no.
    Duration question_timeout = std::chrono::minutes(5);
    // Of the random part in the pauses between tries (jitter.h); another one on each machine.
    std::uint64_t seed = 0;
};

// The end of the chain from the goals, for the console. Each is one line without a newline.
struct Waiting {
    std::string subject;    // a unit or a device: the same for as long as this is waited for
    std::string headline;   // with the time left: "device UUID=… is not there; 12 s left"
    std::string hint;       // what a person can do about it, if that is known
    std::string aside = {}; // of a prompt: what would answer it, and is missing
    // When a person last had this wait begin anew, by another try or another limit; 0: nobody did.
    // In the time that Engine::handle() gets.
    Duration begun_anew{0};
};

// The scheduler: events in, actions out; no I/O, no clock, nothing but the standard library.
//
// How it thinks. The graph says what may run; being *wanted* spreads from the goals along
// `requires` and `wants`, and comes from being written out. A wanted node waits until all that it
// needs is there, then its job runs, and it ends as ready or failed. Nodes meet devices in two
// ways: a unit names one (`device = "UUID=…"`), or a claim makes a device a member of an assembly.
// Goals may come in while the boot runs: a job may define units.
//
// An assembly that nobody named is wanted as soon as it may lead to a device that a wanted unit
// still misses, and not before: that is the whole of "assemble on demand".
//
// Each event is handled in two phases. First everything that the event touches goes through queues
// (devices, then nodes) until nothing changes any more; a node is looked at again only when one of
// its neighbours changed. Then the jobs that can start are started, in the order of the queues.
// There is no recursion, no iteration over hash tables, and therefore the same events give the same
// actions. Nothing is searched per event that grows with the number of devices or nodes: what waits
// for a device is found by the device's own names, deadlines lie in ordered queues.
//
// Time is runnable time (see RunnableClock) for waits, real time for jobs; the engine asks for one
// timer and looks at what is due when it fires.
//
// The class is implemented in several files: engine.cpp (events and ends), engine_nodes.cpp (what a
// node still needs), engine_assemblies.cpp (devices, members, degraded starts), engine_jobs.cpp
// (jobs and their outcomes), engine_prompts.cpp (prompts, questions, resources), engine_time.cpp
// (deadlines), engine_commands.cpp (what a person asks for), engine_breaks.cpp (where a person
// stops the boot).
class Engine {
public:
    Engine(UnitSet set, EngineConfig config);
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;
    Engine(Engine &&) = delete;
    Engine &operator=(Engine &&) = delete;
    ~Engine() = default;

    // Call once, first.
    [[nodiscard]] std::vector<Action> start(Duration now);
    // `now` must not go back. Late or unknown answers of workers are ignored.
    [[nodiscard]] std::vector<Action> handle(Duration now, const Event &event);

    // What the boot waits for now; nothing is set when no wait is worth telling. `now`: for the
    // time left, which otherwise is that of the last event.
    [[nodiscard]] Waiting waiting(Duration now = Duration{0}) const;
    // waiting().headline
    [[nodiscard]] std::string headline() const;
    // The chain from each goal to what is missing, one link per line, with the time left.
    [[nodiscard]] std::string why() const;
    // The same at a later time than that of the last event: for who looks at a boot in which
    // nothing happens meanwhile, and must not become an event of it.
    [[nodiscard]] std::string headline_at(Duration now) const;
    [[nodiscard]] std::string why_at(Duration now) const;
    // The chain from any unit; nothing: there is no unit of that name.
    [[nodiscard]] std::optional<std::string> why_unit_at(std::string_view unit, Duration now) const;
    // What a person can do about that: one sentence each, the most likely first.
    [[nodiscard]] std::vector<std::string> remedies() const;
    // The whole state as stable text.
    [[nodiscard]] std::string dump() const;

    // The number for the next question of a job or a program (PromptOpened). It is taken by
    // handle() of that event: ask for it right before.
    [[nodiscard]] QuestionId next_question() const noexcept { return last_question_ + 1; }
    // The facts of a device, or nullptr.
    [[nodiscard]] const Facts *facts(std::string_view syspath) const;
    // What importers may inherit from.
    [[nodiscard]] const UnitSet &units() const noexcept { return set_; }

private:
    friend class Explanation; // waiting(), why() and dump(), in explanation*.cpp: read only
    friend class EngineView;  // read only

    enum class Phase : std::uint8_t { booting, emergency, leaving, left };
    // A wait of a node in runnable time: for its device or first members, or for the rest of them.
    struct Wait {
        enum class Kind : std::uint8_t { device, degraded };
        Kind kind = Kind::device;
        Graph::Index node = 0;
        [[nodiscard]] auto operator<=>(const Wait &) const = default;
    };

    void on(const DeviceChanged &event);
    void on(const DeviceGone &event);
    void on(const JobFinished &event);
    void on(const PromptOpened &event);
    void on(const PromptClosed &event);
    void on(const TimePassed &event);
    void on(const RetryFailed &event);
    void on(const ServiceReady &event);
    void renew_facts(const std::string &plugin, const std::string &syspath, const Facts &facts);
    void on(const QuestionAnswered &event);
    void on(const ResourceRequested &event);
    void on(const ResourceReleased &event);
    void on(const ForeignPromptOpened &event);
    void on(const ForeignPromptClosed &event);
    void on(const UserCommand &event);
    void on(const JobProgressed &event);
    void on(const BreakContinued &event);

    // Phase one.
    void propagate();
    void look_at_device(const std::string &syspath);
    void look_at_node(Graph::Index index);
    void add_units(std::vector<Unit> units);
    void add_unit_text(const std::string &origin, const std::string &plugin,
                       const std::string &text);
    void note_added(Graph::Index index);
    [[nodiscard]] std::optional<Graph::Index> find_unit(const std::string &name);
    void refuse_cycle(Graph::Index index);
    void watch_device(Graph::Index index);
    void want(Graph::Index index);
    void withdraw(Graph::Index index);
    void touch(Graph::Index index);
    void touch_listeners(const Node &node);

    // Devices and assemblies.
    void claim_device(const DeviceTable::Device &device, const Claim &claim);
    void inspect(const std::string &plugin, const std::string &syspath);
    void add_member(const std::string &syspath, const Membership &membership,
                    bool is_claimed_by_facts);
    void greet_member(Graph::Index index, const std::string &syspath);
    void leave_assemblies(const std::string &syspath);
    void start_over(Graph::Index index);
    void update_candidates(const std::string &syspath, const Facts *facts);
    void offer_automatic_assemblies();
    void offer(Graph::Index index);
    void offer_again(Graph::Index index);
    void may_bring_more(Graph::Index index);
    void note_need(Graph::Index index);
    [[nodiscard]] bool may_lead_to_wanted(const Node &node) const;
    [[nodiscard]] static bool may_bring(const Node &assembly, const DeviceReference &reference);
    [[nodiscard]] std::vector<std::string> wanted_references() const;
    [[nodiscard]] bool is_unmet(const Node &node) const;
    [[nodiscard]] bool misses_something() const;
    void look_at_resting_devices();

    // What a node still needs; each returns true when the node has to wait or has failed.
    [[nodiscard]] bool lacks_required(Graph::Index index);
    [[nodiscard]] bool lacks_unit(Graph::Index index, const std::string &name);
    [[nodiscard]] bool lacks_milestones(Graph::Index index);
    [[nodiscard]] bool lacks_alternative(Graph::Index index);
    void withdraw_losers(const Node &node, const std::string &winner);
    [[nodiscard]] bool lacks_order(const Node &node) const;
    [[nodiscard]] bool is_open(std::string_view name) const;
    [[nodiscard]] bool lacks_device(Graph::Index index);
    [[nodiscard]] bool lacks_members(Graph::Index index);
    [[nodiscard]] bool waits_for_more_members(Graph::Index index);
    [[nodiscard]] bool awaits_inspections(const Node &node) const;
    [[nodiscard]] bool may_know_more_soon() const;
    void touch_held_back();
    void count_inspection_ended(const std::string &plugin);
    [[nodiscard]] bool lacks_room(Graph::Index index);
    [[nodiscard]] bool is_in_backoff(const Node &node) const;
    void end_backoff(Graph::Index index);
    [[nodiscard]] Duration pause_before_next_try(const Node &node) const;
    [[nodiscard]] bool has_a_try_left(const Node &node) const;
    [[nodiscard]] bool skips(Graph::Index index);
    void welcome_late(Graph::Index index);
    [[nodiscard]] bool is_too_late(const Node &node) const;
    [[nodiscard]] std::vector<std::string> usable_candidates(const Node &node) const;
    [[nodiscard]] std::vector<std::string> best_candidates(const Node &node) const;
    [[nodiscard]] bool may_be_a_part(const Node &node, const std::string &syspath) const;
    [[nodiscard]] bool is_a_part(const Node &node, const std::string &syspath) const;
    void touch_users_of_members(const Node &assembly);
    [[nodiscard]] std::string why_undefined(const std::string &name) const;
    [[nodiscard]] bool is_needed(const Node &node) const;
    [[nodiscard]] Wanted wanted_of(const Unit &unit) const;
    [[nodiscard]] bool is_goal(const Node &node) const;

    // Jobs.
    void run(Graph::Index index);
    [[nodiscard]] std::optional<ResourceTable::Amounts> resources_of(Graph::Index index);
    void finish(Graph::Index index);
    void fail(Graph::Index index, std::string reason);
    void job_ended(const Job &job, const JobFinished &event);
    void service_ended(Graph::Index index, const JobFinished &event);
    [[nodiscard]] bool try_again(Graph::Index index, const JobFinished &event);
    void note_lost_device(Node &node, const std::string &syspath);
    [[nodiscard]] bool waits_for_return(Graph::Index index);
    void inspection_ended(const Job &job, const JobFinished &event);
    void import_ended(const Job &job, const JobFinished &event);
    void publish(const Job &job, const JobFinished &event);
    void forget_needs(const Job &job);
    void pause(Job &job);
    void resume(Job &job);
    void cancel(Job &job, std::string reason);
    void forget_prompt(Job &job);

    // Prompts, questions, resources.
    void ask_whether_to_start(Graph::Index index);
    void question_expired(QuestionId id);
    void withdraw_question(Node &node);
    void request_resources(ResourceTicket ticket, ResourceTable::Amounts needs);
    void release_resources(ResourceTicket ticket);
    void grant_resources();
    void granted(ResourceTicket ticket);

    // Breaks.
    struct Break {
        Breakpoint point;
        std::string name;    // of its names the one that was asked for
        bool is_due = false; // a unit that it holds could start
        bool is_over = false;
    };
    void begin();
    [[nodiscard]] std::optional<std::size_t> holder_of(const Unit &unit) const;
    [[nodiscard]] bool is_held(Graph::Index index);
    [[nodiscard]] bool has_come(const Break &point) const;
    void open_due_break();
    [[nodiscard]] bool opens_break_at(Breakpoint::At at);
    void open_break(std::size_t number);
    [[nodiscard]] bool is_open_at(Breakpoint::At at) const;

    // Phase two.
    void act();
    void start_jobs();
    [[nodiscard]] bool begin_last_jobs();
    void check_goals();
    void enter_emergency();
    void leave();
    void say(LogLevel level, std::string text);

    // Time.
    void hold_clock();
    void release_clock();
    void start_wait(Graph::Index index);
    void end_wait(Graph::Index index);
    void wait_for_members(Graph::Index index, Duration wait);
    void end_degraded_wait(Graph::Index index);
    void arm_timer();
    void expire_deadlines();
    void expire_jobs();
    void expire_waits();
    void expire_device_wait(Graph::Index index);
    [[nodiscard]] std::string held_up_by_its_barrier(const Node &node) const;
    void expire_degraded_wait(Graph::Index index);
    [[nodiscard]] std::optional<Duration> next_deadline() const;
    [[nodiscard]] Duration runnable_now() const noexcept { return clock_.at(now_); }

    // Commands.
    void retry_node(Graph::Index index);
    void retry_with_dependents(Graph::Index index);
    void skip_node(Graph::Index index);
    void set_deadline(Graph::Index index, Duration time);

    [[nodiscard]] std::vector<DeviceView> devices_of(const Node &node) const;
    [[nodiscard]] std::string name_of_device(std::string_view syspath) const;

    UnitSet set_;
    EngineConfig config_;
    DeviceTable devices_;
    Graph graph_;
    JobTable jobs_;
    ResourceTable resources_;
    ReferenceIndex references_;
    RunnableClock clock_;
    Duration now_{0};
    Phase phase_ = Phase::booting;
    std::optional<Duration> leave_by_;
    bool are_last_jobs_begun_ = false; // those of at_switch = "run"
    unsigned imports_open_ = 0;
    std::string import_failure_;
    QuestionId last_question_ = 0;
    std::map<QuestionId, Graph::Index> questions_;
    std::map<std::uint32_t, JobId> foreign_prompts_; // 0: no job asks through this one
    std::vector<Break> breaks_;                      // those that were asked for
    std::optional<std::size_t> open_break_;          // of these

    std::deque<std::string> dirty_devices_;
    std::deque<Graph::Index> dirty_nodes_;
    std::set<Graph::Index> is_dirty_;
    std::set<Graph::Index> goals_;

    // What may make an automatic assembly wanted: nodes that wait for a device that nobody has
    // brought yet, named assemblies without members, wanted ones that lack some.
    std::set<Graph::Index> unmet_devices_;
    std::set<Graph::Index> unmet_assemblies_;
    std::set<Graph::Index> automatic_assemblies_; // not wanted yet
    std::set<Graph::Index> offered_;              // of these: to be looked at
    std::set<Graph::Index> on_demand_;            // those that can bring more
    bool offer_all_ = false;
    bool assembles_everything_ = false; // some template is wanted always
    std::set<std::string> resting_;     // devices that lazy claims match
    std::map<std::string, std::set<Graph::Index>, std::less<>> assemblies_of_device_;
    std::map<std::string, unsigned, std::less<>> inspections_open_; // by plugin, none is zero
    std::set<Graph::Index> held_back_; // nodes that wait until more is known

    DeadlineQueue<Wait> waits_;                    // runnable time
    DeadlineQueue<JobId> job_deadlines_;           // real time
    DeadlineQueue<Graph::Index> retries_;          // real time
    DeadlineQueue<ResourceTicket> resource_waits_; // real time
    std::optional<Duration> armed_;
    std::vector<Action> actions_;
};

} // namespace slipway
