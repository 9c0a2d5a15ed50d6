// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "engine/engine.h"
#include "engine/member_places.h"

// Deadlines: of waits in runnable time, of jobs, retries and resources in real time.
namespace slipway {

void Engine::hold_clock() {
    clock_.stop(now_);
}

void Engine::release_clock() {
    clock_.resume(now_);
    touch_held_back();
}

// ---- waits of nodes -----------------------------------------------------------------------------

void Engine::start_wait(Graph::Index index) {
    constexpr Duration kLeast = std::chrono::seconds(1);
    Node &node = graph_.at(index);
    if (node.wait_deadline || node.is_wait_unlimited)
        return;
    auto timeout = node.unit.device_timeout ? node.unit.device_timeout : config_.device_timeout;
    if (!timeout || *timeout == Duration{0})
        return;
    // A device that comes and goes has the time of one, not of many.
    if (node.wait_left)
        timeout = std::max(*node.wait_left, kLeast);
    node.wait_deadline = runnable_now() + *timeout;
    waits_.set({Wait::Kind::device, index}, *node.wait_deadline);
}

void Engine::end_wait(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!node.wait_deadline)
        return;
    node.wait_left = *node.wait_deadline - runnable_now();
    node.wait_deadline.reset();
    waits_.clear({Wait::Kind::device, index});
}

void Engine::wait_for_members(Graph::Index index, Duration wait) {
    Node &node = graph_.at(index);
    node.degraded_deadline = runnable_now() + wait;
    waits_.set({Wait::Kind::degraded, index}, *node.degraded_deadline);
}

void Engine::end_degraded_wait(Graph::Index index) {
    graph_.at(index).degraded_deadline.reset();
    waits_.clear({Wait::Kind::degraded, index});
}

// ---- the timer ----------------------------------------------------------------------------------

std::optional<Duration> Engine::next_deadline() const {
    std::optional<Duration> next;
    const auto consider = [&next](std::optional<Duration> when) {
        if (when && (!next || *when < *next))
            next = when;
    };
    consider(job_deadlines_.next());
    consider(retries_.next());
    consider(resource_waits_.next());
    if (phase_ == Phase::leaving)
        consider(leave_by_);
    if (const auto wait = waits_.next(); wait && !clock_.is_stopped())
        consider(clock_.to_real(*wait));
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
    expire_jobs();
    for (const Graph::Index index : retries_.take_expired(now_)) {
        graph_.at(index).retry_at.reset();
        touch(index);
    }
    if (!clock_.is_stopped())
        expire_waits();
}

void Engine::expire_jobs() {
    for (const JobId id : job_deadlines_.take_expired(now_)) {
        if (Job *job = jobs_.find(id))
            cancel(*job, "no result within " + format_duration(job->timeout.value_or(Duration{0})));
    }
    for (const ResourceTicket ticket : resource_waits_.take_expired(now_)) {
        if (ticket.kind == ResourceTicket::Kind::question)
            question_expired(ticket.id);
        else if (Job *job = jobs_.find(ticket.id))
            cancel(*job, "it waited " + format_duration(config_.resource_timeout) + " for " +
                             resources_.describe_need(ticket));
    }
    if (phase_ != Phase::leaving || !leave_by_ || *leave_by_ > now_)
        return;
    leave_by_.reset();
    std::vector<JobId> late;
    for (const auto &[id, job] : jobs_.all())
        late.push_back(id);
    for (const JobId id : late) {
        if (Job *job = jobs_.find(id))
            cancel(*job, "still running when the root had been ready for " +
                             format_duration(config_.switch_grace));
    }
}

void Engine::expire_waits() {
    for (const Wait &wait : waits_.take_expired(runnable_now())) {
        if (wait.kind == Wait::Kind::device)
            expire_device_wait(wait.node);
        else
            expire_degraded_wait(wait.node);
    }
}

// What decides a barrier cannot lie in what the barrier holds back: "; …" about the assemblies for
// which that may be so, or nothing.
std::string Engine::held_up_by_its_barrier(const Node &node) const {
    std::string text;
    for (const Graph::Index barrier : graph_.barriers()) {
        const std::string &barrier_name = graph_.at(barrier).unit.name;
        if (!graph_.must_precede(node.unit.name, barrier))
            continue;
        for (const auto &[name, index] : graph_.by_name()) {
            const Node &other = graph_.at(index);
            if (other.is_assembly() && other.unit.writes && other.state == NodeState::waiting &&
                other.has_enough_members() && may_bring(other, *node.unit.device))
                text += "; if it lies in " + name + ", it cannot come: " + name +
                        " writes, so it waits for " + barrier_name + ", and that for " +
                        node.unit.name;
        }
    }
    return text;
}

void Engine::expire_device_wait(Graph::Index index) {
    Node &node = graph_.at(index);
    node.wait_deadline.reset();
    if (node.unit.device)
        fail(index, "device " + node.unit.device->text() + " did not appear in time" +
                        held_up_by_its_barrier(node));
    else if (node.members.empty())
        fail(index, "no device for it appeared in time");
    else
        fail(index, "only " + std::to_string(node.members.size()) + " of " +
                        (node.expected == 0 ? "its" : std::to_string(node.expected)) +
                        " members appeared in time" + places_of(node, devices_).missing_clause() +
                        (node.needs_new_member && !node.reason.empty()
                             ? "; with what is there it is not complete: " + node.reason
                             : ""));
    node.is_late = true;
}

void Engine::expire_degraded_wait(Graph::Index index) {
    Node &node = graph_.at(index);
    node.degraded_deadline.reset();
    switch (node.unit.degraded.value_or(DegradedPolicy{}).then) {
    case DegradedPolicy::Then::start:
        node.may_start_degraded = true;
        touch(index);
        return;
    case DegradedPolicy::Then::ask:
        ask_whether_to_start(index);
        return;
    case DegradedPolicy::Then::fail:
        expire_device_wait(index);
    }
}

} // namespace slipway
