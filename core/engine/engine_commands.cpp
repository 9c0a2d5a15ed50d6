// SPDX-License-Identifier: LGPL-2.1-or-later
#include <deque>
#include <set>
#include <utility>

#include "engine/engine.h"

// What a person asks for: another try, going on without a unit, more or less patience.
namespace slipway {

void Engine::on(const RetryFailed &) {
    for (Graph::Index index = 0; index < graph_.size(); ++index)
        retry_node(index);
    if (phase_ == Phase::emergency)
        phase_ = Phase::booting;
}

void Engine::on(const UserCommand &event) {
    const auto index = graph_.find(event.unit);
    if (!index) {
        say(LogLevel::warning, "there is no unit " + event.unit +
                                   "; the emergency's report names those that there are");
        return;
    }
    switch (event.verb) {
    case UserCommand::Verb::retry:
        retry_with_dependents(*index);
        break;
    case UserCommand::Verb::skip:
        skip_node(*index);
        break;
    case UserCommand::Verb::set_deadline:
        set_deadline(*index, event.time);
        break;
    }
    if (phase_ == Phase::emergency)
        phase_ = Phase::booting;
}

void Engine::retry_node(Graph::Index index) {
    Node &node = graph_.at(index);
    if (node.state != NodeState::failed)
        return;
    if (is_too_late(node)) {
        say(LogLevel::notice, "unit " + node.unit.name +
                                  " is not tried again: it had to end before anything was written");
        return;
    }
    node.state = node.is_wanted ? NodeState::waiting : NodeState::idle;
    node.attempts = 0;
    node.first_try.reset();
    node.reason.clear();
    node.missing.clear();
    node.needs_new_member = false;
    node.is_degraded_start_spent = false;
    node.may_start_degraded = false;
    node.wait_left.reset();
    node.wait_renewed = now_;
    refuse_cycle(index);
    touch(index);
}

// What failed because of the unit gets another try with it.
void Engine::retry_with_dependents(Graph::Index index) {
    if (graph_.at(index).state != NodeState::failed)
        say(LogLevel::warning, "unit " + graph_.at(index).unit.name +
                                   " has not failed: there is nothing to try again");
    std::deque<Graph::Index> queue{index};
    std::set<Graph::Index> seen{index};
    while (!queue.empty()) {
        const Graph::Index next = queue.front();
        queue.pop_front();
        retry_node(next);
        for (const Graph::Index listener : graph_.listeners(graph_.at(next).unit.name)) {
            if (graph_.at(listener).state == NodeState::failed && seen.insert(listener).second)
                queue.push_back(listener);
        }
    }
}

void Engine::skip_node(Graph::Index index) {
    Node &node = graph_.at(index);
    if (node.state == NodeState::ready) {
        say(LogLevel::warning, "unit " + node.unit.name + " is ready: there is nothing to skip");
        return;
    }
    if (Job *job = jobs_.find(std::exchange(node.job, 0)))
        cancel(*job, "a person skipped it");
    node.is_skipped = true;
    node.reason = "skipped by a person";
    finish(index);
    for (const Graph::Index listener : graph_.listeners(node.unit.name))
        retry_node(listener);
}

void Engine::set_deadline(Graph::Index index, Duration time) {
    Node &node = graph_.at(index);
    if (node.state != NodeState::waiting || (!node.unit.device && !node.gathers())) {
        say(LogLevel::warning,
            "unit " + node.unit.name + " is not waiting for a device: there is no deadline to set");
        return;
    }
    const bool is_unlimited = time == Duration{0};
    node.is_wait_unlimited = is_unlimited;
    node.wait_renewed = now_;
    if (node.degraded_deadline)
        wait_for_members(index, time);
    else if (is_unlimited)
        end_wait(index);
    else {
        node.wait_deadline = runnable_now() + time;
        waits_.set({Wait::Kind::device, index}, *node.wait_deadline);
    }
}

} // namespace slipway
