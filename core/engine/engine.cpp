// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "unit/unit_loader.h"

// Events, timers and what comes out; how nodes move is in engine_nodes.cpp.
namespace slipway {

Engine::Engine(UnitSet set, EngineConfig config)
    : set_(std::move(set)), config_(std::move(config)), devices_(set_.claims), jobs_(set_.plugins) {
}

std::vector<Action> Engine::start(Duration now) {
    now_ = now;
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
    if (const auto goal = graph_.find(config_.goal))
        want(*goal);
    propagate();
    act();
    return std::exchange(actions_, {});
}

std::vector<Action> Engine::handle(Duration now, const Event &event) {
    now_ = std::max(now_, now);
    if (phase_ == Phase::left)
        return {};
    std::visit([this](const auto &value) { on(value); }, event);
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
    leave_assemblies(event.syspath);
    for (const Graph::Index index : device_waiters_) {
        if (graph_.at(index).candidates.erase(event.syspath) > 0)
            touch(index);
    }
    actions_.emplace_back(DeviceUpdated{event.syspath});
}

void Engine::on(const JobFinished &event) {
    const auto job = jobs_.remove(event.job);
    if (!job)
        return;
    for (unsigned open = job->prompts; open > 0; --open)
        clock_.resume(now_);
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
        job_ended(*job->node, result);
        break;
    }
}

void Engine::on(const PromptOpened &event) {
    if (Job *job = jobs_.find(event.job)) {
        clock_.stop(now_);
        jobs_.pause(*job, now_);
        actions_.emplace_back(ShowPrompt{event.job});
    }
}

void Engine::on(const PromptClosed &event) {
    Job *job = jobs_.find(event.job);
    if (job == nullptr || job->prompts == 0)
        return;
    clock_.resume(now_);
    jobs_.resume(*job, now_);
}

void Engine::on(const ServiceReady &) {}
void Engine::on(const QuestionAnswered &) {}
void Engine::on(const ResourceRequested &event) {
    actions_.emplace_back(ResourceGranted{event.job});
}
void Engine::on(const ResourceReleased &) {}
void Engine::on(const UserCommand &) {}

void Engine::on(const TimePassed &) {
    armed_.reset();
}

void Engine::on(const RetryFailed &) {
    for (Graph::Index index = 0; index < graph_.size(); ++index) {
        Node &node = graph_.at(index);
        if (node.state != NodeState::failed)
            continue;
        node.state = NodeState::waiting;
        node.attempts = 0;
        node.reason.clear();
        node.needs_new_member = false;
        note_added(index);
        touch(index);
    }
    if (phase_ == Phase::emergency)
        phase_ = Phase::booting;
}

void Engine::publish(const Job &job, const JobFinished &event) {
    // An inspection answers for its device even when it found nothing or died: old facts would lie.
    if (!job.syspath.empty() && !event.published.contains(job.syspath) &&
        devices_.publish(job.request.plugin, job.syspath, {}))
        dirty_devices_.push_back(job.syspath);
    for (const auto &[syspath, facts] : event.published) {
        if (!devices_.publish(job.request.plugin, syspath, facts))
            continue;
        actions_.emplace_back(DeviceUpdated{syspath});
        dirty_devices_.push_back(syspath);
    }
}

void Engine::inspection_ended(const Job &job, const JobFinished &event) {
    if (event.outcome == JobOutcome::failed || event.outcome == JobOutcome::retry)
        say(LogLevel::warning, "plugin " + job.request.plugin + " could not inspect " +
                                   job.syspath + ": " + event.reason +
                                   "; the device stays unknown to this plugin");
    for (const Membership &membership : event.memberships)
        add_member(job.syspath, membership, false);
}

void Engine::import_ended(const Job &job, const JobFinished &event) {
    --imports_open_;
    if (event.outcome != JobOutcome::done) {
        if (!import_failure_.empty())
            import_failure_ += "; ";
        import_failure_ += event.reason;
        say(LogLevel::error, "plugin " + job.request.plugin + ": " + event.reason);
    }
    for (const std::string &text : event.units)
        add_units(load_units({{"import of plugin " + job.request.plugin, text, job.request.plugin}},
                             &set_)
                      .set.units);
    if (imports_open_ > 0)
        return;
    // From now on a required unit that nothing defines is an error.
    for (Graph::Index index = 0; index < graph_.size(); ++index)
        touch(index);
}

// ---- phase two ----------------------------------------------------------------------------------

void Engine::act() {
    check_goal();
    if (phase_ == Phase::leaving && jobs_.is_empty()) {
        phase_ = Phase::left;
        actions_.emplace_back(EnterRealRoot{});
        return;
    }
    if (phase_ != Phase::leaving)
        start_jobs();
    arm_timer();
}

void Engine::check_goal() {
    if (phase_ != Phase::booting)
        return;
    const auto goal = graph_.find(config_.goal);
    if (!goal) {
        if (imports_open_ > 0)
            return;
        phase_ = Phase::emergency;
        actions_.emplace_back(EnterEmergency{why()});
        return;
    }
    const NodeState state = graph_.at(*goal).state;
    if (state == NodeState::ready) {
        leave();
    } else if (state == NodeState::failed) {
        phase_ = Phase::emergency;
        actions_.emplace_back(EnterEmergency{why()});
    }
}

void Engine::leave() {
    phase_ = Phase::leaving;
    leave_by_ = now_ + config_.switch_grace;
    (void)jobs_.drop_queued();
    for (const auto &[id, job] : jobs_.all()) {
        const bool may_finish = job.node && graph_.at(*job.node).unit.at_switch == AtSwitch::finish;
        if (!may_finish)
            cancel(*jobs_.find(id), "the root is ready, this is not needed any more");
    }
}

void Engine::start_jobs() {
    for (const JobId id : jobs_.take_startable()) {
        Job &job = *jobs_.find(id);
        if (job.timeout)
            job.deadline = now_ + *job.timeout;
        // What the device is now counts, not what it was when the job was queued.
        if (!job.syspath.empty()) {
            const DeviceTable::Device *device = devices_.find(job.syspath);
            job.request.devices = {{job.syspath, device == nullptr ? Facts{} : device->facts}};
        }
        job.request.wanted = wanted_references();
        actions_.emplace_back(job.request);
    }
}

void Engine::cancel(Job &job, std::string reason) {
    if (job.is_cancelled)
        return;
    job.is_cancelled = true;
    job.cancel_reason = reason;
    job.deadline.reset();
    job.timeout.reset();
    actions_.emplace_back(CancelJob{job.request.job, std::move(reason)});
}

std::optional<Duration> Engine::next_deadline() const {
    std::optional<Duration> next;
    const auto consider = [&next](std::optional<Duration> when) {
        if (when && (!next || *when < *next))
            next = when;
    };
    for (const auto &[id, job] : jobs_.all())
        consider(job.deadline);
    if (phase_ == Phase::leaving)
        consider(leave_by_);
    for (const Graph::Index index : timed_) {
        const Node &node = graph_.at(index);
        consider(node.retry_at);
        if (clock_.is_stopped())
            continue;
        for (const auto &deadline : {node.device_deadline, node.degraded_deadline}) {
            if (deadline)
                consider(clock_.to_real(*deadline));
        }
    }
    return next;
}

void Engine::arm_timer() {
    const auto next = next_deadline();
    if (next == armed_)
        return;
    armed_ = next;
    actions_.emplace_back(ArmTimer{next});
}

void Engine::expire_deadlines() {
    std::vector<JobId> late;
    for (const auto &[id, job] : jobs_.all()) {
        if (job.deadline && *job.deadline <= now_)
            late.push_back(id);
    }
    for (const JobId id : late) {
        Job &job = *jobs_.find(id);
        cancel(job, "no result within " + format_duration(job.timeout.value_or(Duration{0})));
    }
    if (phase_ == Phase::leaving && leave_by_ <= now_) {
        for (const auto &[id, job] : jobs_.all())
            cancel(*jobs_.find(id), "still running when the root had been ready for " +
                                        format_duration(config_.switch_grace));
    }
    const std::vector<Graph::Index> timed(timed_.begin(), timed_.end());
    for (const Graph::Index index : timed)
        expire_node(index);
}

void Engine::expire_node(Graph::Index index) {
    Node &node = graph_.at(index);
    if (node.retry_at && *node.retry_at <= now_) {
        node.retry_at.reset();
        touch(index);
    }
    if (node.degraded_deadline && *node.degraded_deadline <= runnable_now())
        touch(index);
    if (node.device_deadline && *node.device_deadline <= runnable_now())
        fail(index, "device " + node.unit.device->text() + " did not appear in time");
    if (!node.retry_at && !node.device_deadline && !node.degraded_deadline)
        timed_.erase(index);
}

void Engine::say(LogLevel level, std::string text) {
    actions_.emplace_back(LogMessage{level, std::move(text)});
}

} // namespace slipway
