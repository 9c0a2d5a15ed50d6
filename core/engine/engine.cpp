// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "unit/unit_loader.h"

// Events that come in, and the ends of a boot. The other parts of the class: see engine.h.
namespace slipway {

namespace {

// What the machine has, then what unit files say: an administrator knows better.
ResourceTable::Amounts capacities(const EngineConfig &config, const UnitSet &set) {
    ResourceTable::Amounts all = config.resources;
    for (const auto &[resource, capacity] : set.resources)
        all.insert_or_assign(resource, capacity);
    return all;
}

} // namespace

Engine::Engine(UnitSet set, EngineConfig config)
    : set_(std::move(set)), config_(std::move(config)), devices_(set_.claims),
      graph_(set_.overrides), jobs_(set_.plugins), resources_(capacities(config_, set_)) {
    for (const Breakpoint &point : set_.breakpoints) {
        const auto asked = std::ranges::find_first_of(point.names, config_.breaks);
        if (asked != point.names.end())
            breaks_.push_back({point, *asked});
    }
}

std::vector<Action> Engine::start(Duration now) {
    now_ = now;
    if (!opens_break_at(Breakpoint::At::start))
        begin();
    propagate();
    act();
    return std::exchange(actions_, {});
}

void Engine::begin() {
    for (const ImportRequest &import : config_.imports) {
        Job job;
        job.request.operation = Operation::import;
        job.request.plugin = import.plugin;
        job.request.params = import.params;
        job.timeout = config_.import_timeout;
        jobs_.add(std::move(job));
        ++imports_open_;
    }
    add_units(set_.units);
}

std::vector<Action> Engine::handle(Duration now, const Event &event) {
    now_ = std::max(now_, now);
    if (phase_ == Phase::left)
        return {};
    std::visit([this](const auto &value) { on(value); }, event);
    // What has come counts before what has not: a device that appears in the moment in which its
    // time is over has appeared.
    propagate();
    expire_deadlines();
    propagate();
    act();
    return std::exchange(actions_, {});
}

const Facts *Engine::facts(std::string_view syspath) const {
    const DeviceTable::Device *device = devices_.find(syspath);
    return device == nullptr ? nullptr : &device->facts;
}

void Engine::on(const DeviceChanged &event) {
    devices_.announce(event.syspath, event.facts);
    dirty_devices_.push_back(event.syspath);
}

void Engine::on(const DeviceGone &event) {
    devices_.remove(event.syspath);
    resting_.erase(event.syspath);
    leave_assemblies(event.syspath);
    update_candidates(event.syspath, nullptr);
    actions_.emplace_back(DeviceUpdated{event.syspath});
}

void Engine::on(const JobFinished &event) {
    const auto job = jobs_.remove(event.job);
    if (!job)
        return;
    job_deadlines_.clear(event.job);
    forget_needs(*job);
    JobFinished result = event;
    if (job->is_cancelled) {
        result.outcome = JobOutcome::failed;
        result.reason = job->cancel_reason;
    }
    publish(*job, result);
    switch (job->request.operation) {
    case Operation::inspect:
        inspection_ended(*job, result);
        break;
    case Operation::import:
        import_ended(*job, result);
        break;
    case Operation::activate:
    case Operation::deactivate:
        job_ended(*job, result);
        break;
    }
}

void Engine::on(const JobProgressed &event) {
    if (Job *job = jobs_.find(event.job))
        job->progress = event.text;
}

void Engine::on(const TimePassed &) {
    armed_.reset();
}

// ---- phase two ----------------------------------------------------------------------------------

void Engine::act() {
    open_due_break();
    check_goals();
    const bool may_switch = phase_ == Phase::leaving && jobs_.is_empty() && !open_break_;
    if (may_switch && !opens_break_at(Breakpoint::At::switch_root) && !begin_last_jobs()) {
        phase_ = Phase::left;
        actions_.emplace_back(EnterRealRoot{});
        return;
    }
    grant_resources();
    // Those that were queued before the switch have been dropped.
    const bool may_start = phase_ != Phase::leaving || are_last_jobs_begun_;
    if (may_start && !is_open_at(Breakpoint::At::start))
        start_jobs();
    arm_timer();
}

bool Engine::is_goal(const Node &node) const {
    return node.unit.goal || node.unit.name == config_.goal;
}

void Engine::check_goals() {
    if (phase_ != Phase::booting || open_break_)
        return;
    if (!graph_.find(config_.goal)) {
        if (imports_open_ == 0)
            enter_emergency();
        return;
    }
    const auto has_state = [this](NodeState state) {
        return [this, state](Graph::Index goal) { return graph_.at(goal).state == state; };
    };
    if (std::ranges::any_of(goals_, has_state(NodeState::failed)))
        enter_emergency();
    else if (std::ranges::all_of(goals_, has_state(NodeState::ready)))
        leave();
}

void Engine::enter_emergency() {
    phase_ = Phase::emergency;
    actions_.emplace_back(EnterEmergency{why()});
}

void Engine::leave() {
    phase_ = Phase::leaving;
    leave_by_ = now_ + config_.switch_grace;
    for (const JobId id : jobs_.drop_queued())
        release_resources({ResourceTicket::Kind::job, id});
    for (const auto &[id, job] : jobs_.all()) {
        const bool may_finish = job.node && graph_.at(*job.node).unit.at_switch == AtSwitch::finish;
        if (!may_finish)
            cancel(*jobs_.find(id), "the root is ready, this is not needed any more");
    }
}

// What puts things in order for the host, once nobody else is at work any more. False: there is
// nothing (more) of that kind.
bool Engine::begin_last_jobs() {
    if (std::exchange(are_last_jobs_begun_, true))
        return false;
    leave_by_ = now_ + config_.switch_grace;
    bool has_some = false;
    for (Graph::Index index = 0; index < graph_.size(); ++index) {
        const Node &node = graph_.at(index);
        if (node.unit.at_switch != AtSwitch::run || !holds(node.unit.if_option, config_.options))
            continue;
        run(index);
        has_some = true;
    }
    return has_some;
}

void Engine::start_jobs() {
    for (const JobId id : jobs_.take_startable()) {
        Job &job = *jobs_.find(id);
        if (job.timeout) {
            job.deadline = now_ + *job.timeout;
            job_deadlines_.set(id, *job.deadline);
        }
        // What the device is now counts, not what it was when the job was queued.
        if (!job.syspath.empty()) {
            const DeviceTable::Device *device = devices_.find(job.syspath);
            job.request.devices = {{job.syspath, device == nullptr ? Facts{} : device->facts}};
        }
        job.request.wanted = wanted_references();
        if (job.node)
            graph_.at(*job.node).asked_for.insert(job.request.wanted.begin(),
                                                  job.request.wanted.end());
        actions_.emplace_back(job.request);
    }
}

void Engine::say(LogLevel level, std::string text) {
    actions_.emplace_back(LogMessage{level, std::move(text)});
}

} // namespace slipway
