// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/device_table.h"
#include "engine/events.h"
#include "engine/graph.h"
#include "engine/job_table.h"

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
    // Of waits for devices, in runnable time; nothing: no limit.
    std::optional<Duration> device_timeout = std::chrono::seconds(90);
    // Options of the kernel command line, for conditions: the last value, of lists one per line,
    // "1" for a bare word.
    std::map<std::string, std::string, std::less<>> options;
    // Capacities of the resources that the machine gives: "memory" in KiB, "cpu". What is not named
    // anywhere has a capacity of 1.
    std::map<std::string, std::uint64_t, std::less<>> resources;
    // Replaces the wait of every degraded policy (rd.retry=).
    std::optional<Duration> degraded_wait;
    // How long jobs marked at_switch = "finish" may hold up the switch.
    Duration switch_grace = std::chrono::seconds(10);
    Duration import_timeout = std::chrono::seconds(30);
    Duration inspect_timeout = std::chrono::seconds(30);
};

// The scheduler: events in, actions out; no I/O, no clock, nothing but the standard library.
//
// How it thinks. The graph says what may run; being *wanted* spreads from the goal along `requires`
// and `wants`, and comes from being written out. A wanted node waits until all that it needs is
// there, then its job runs, and it ends as ready or failed. Nodes meet devices in two ways: a unit
// names one (`device = "UUID=…"`), or a claim makes a device a member of an assembly.
//
// An assembly that nobody named is wanted as soon as it may lead to a device that a wanted unit
// still misses, and not before: that is the whole of "assemble on demand".
//
// Each event is handled in two phases. First everything that the event touches goes through queues
// (devices, then nodes) until nothing changes any more; a node is looked at again only when one of
// its neighbours changed. Then the jobs that can start are started, in the order of the queues.
// There is no recursion, no iteration over hash tables, and therefore the same events give the same
// actions.
//
// Time is runnable time (see RunnableClock) for waits, real time for jobs; the engine asks for one
// timer and looks at all deadlines when it fires.
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

    // What the boot waits for now, and the time left, in one line without a newline; empty when no
    // wait is worth telling ("device UUID=… is not there; 12 s left").
    [[nodiscard]] std::string headline() const;
    // The chain from the goal to what is missing, one link per line, with the time left.
    [[nodiscard]] std::string why() const;
    // The whole state as stable text.
    [[nodiscard]] std::string dump() const;

    // The facts of a device, or nullptr.
    [[nodiscard]] const Facts *facts(std::string_view syspath) const;
    // What importers may inherit from.
    [[nodiscard]] const UnitSet &units() const noexcept { return set_; }

private:
    friend class Explanation; // why() and dump(), in why.cpp and dump.cpp: read only

    enum class Phase : std::uint8_t { booting, emergency, leaving, left };

    void on(const DeviceChanged &event);
    void on(const DeviceGone &event);
    void on(const JobFinished &event);
    void on(const PromptOpened &event);
    void on(const PromptClosed &event);
    void on(const TimePassed &event);
    void on(const RetryFailed &event);
    void on(const ServiceReady &event);
    void on(const QuestionAnswered &event);
    void on(const ResourceRequested &event);
    void on(const ResourceReleased &event);
    void on(const UserCommand &event);

    // Phase one.
    void propagate();
    void look_at_device(const std::string &syspath);
    void look_at_node(Graph::Index index);
    void add_units(std::vector<Unit> units);
    void want(Graph::Index index);
    void want_all(const std::vector<std::string> &names);
    void note_added(Graph::Index index);
    void touch(Graph::Index index);
    void touch_listeners(const Node &node);
    void claim_device(const DeviceTable::Device &device, const Claim &claim);
    void add_member(const std::string &syspath, const Membership &membership,
                    bool is_claimed_by_facts);
    void leave_assemblies(const std::string &syspath);
    void match_candidates(const DeviceTable::Device &device);
    void offer_automatic_assemblies();

    // What a node still needs; each returns true when the node has to wait or has failed.
    [[nodiscard]] bool lacks_required(Graph::Index index);
    [[nodiscard]] bool lacks_order(const Node &node) const;
    [[nodiscard]] bool is_open(std::string_view name) const;
    [[nodiscard]] bool lacks_device(Graph::Index index);
    [[nodiscard]] bool lacks_members(Graph::Index index);
    [[nodiscard]] bool is_in_backoff(const Node &node) const;
    [[nodiscard]] std::vector<std::string> usable_candidates(const Node &node) const;
    [[nodiscard]] bool may_lead_to_wanted(const Node &node) const;
    [[nodiscard]] std::vector<std::string> wanted_references() const;
    [[nodiscard]] std::string why_undefined(const std::string &name) const;

    void run(Graph::Index index);
    void finish(Graph::Index index, bool is_degraded);
    void fail(Graph::Index index, std::string reason);
    void job_ended(Graph::Index index, const JobFinished &event);
    void inspection_ended(const Job &job, const JobFinished &event);
    void import_ended(const Job &job, const JobFinished &event);
    void publish(const Job &job, const JobFinished &event);

    // Phase two.
    void act();
    void start_jobs();
    void check_goal();
    void leave();
    void cancel(Job &job, std::string reason);
    void arm_timer();
    void expire_deadlines();
    void expire_node(Graph::Index index);
    [[nodiscard]] std::optional<Duration> next_deadline() const;
    void say(LogLevel level, std::string text);

    [[nodiscard]] std::vector<DeviceView> devices_of(const Node &node) const;
    [[nodiscard]] Duration runnable_now() const noexcept { return clock_.at(now_); }

    UnitSet set_;
    EngineConfig config_;
    DeviceTable devices_;
    Graph graph_;
    JobTable jobs_;
    RunnableClock clock_;
    Duration now_{0};
    Phase phase_ = Phase::booting;
    Duration leave_by_{0};
    unsigned imports_open_ = 0;
    std::string import_failure_;
    bool offer_assemblies_ = false;

    std::deque<std::string> dirty_devices_;
    std::deque<Graph::Index> dirty_nodes_;
    std::set<Graph::Index> is_dirty_;
    // Wanted nodes that wait for a device reference; nodes with any deadline; automatic assemblies.
    std::set<Graph::Index> device_waiters_;
    std::set<Graph::Index> timed_;
    std::set<Graph::Index> automatic_assemblies_;
    std::map<std::string, std::set<Graph::Index>, std::less<>> assemblies_of_device_;

    std::optional<Duration> armed_;
    std::vector<Action> actions_;
};

} // namespace slipway
