// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "unit/unit_loader.h"

// How nodes come in, become wanted, and what they still need (phase one of the engine).
namespace slipway {

void Engine::propagate() {
    while (true) {
        if (!dirty_devices_.empty()) {
            const std::string syspath = std::move(dirty_devices_.front());
            dirty_devices_.pop_front();
            look_at_device(syspath);
        } else if (!dirty_nodes_.empty()) {
            const Graph::Index index = dirty_nodes_.front();
            dirty_nodes_.pop_front();
            is_dirty_.erase(index);
            look_at_node(index);
        } else if (offer_all_ || !offered_.empty()) {
            offer_automatic_assemblies();
        } else {
            return;
        }
    }
}

void Engine::touch(Graph::Index index) {
    if (is_dirty_.insert(index).second)
        dirty_nodes_.push_back(index);
}

void Engine::touch_listeners(const Node &node) {
    for (const Graph::Index listener : graph_.listeners(node.unit.name))
        touch(listener);
}

// ---- units --------------------------------------------------------------------------------------

void Engine::add_unit_text(const std::string &origin, const std::string &plugin,
                           const std::string &text) {
    LoadedUnits loaded = load_units({{origin, text, plugin}}, &set_);
    for (const UnitProblem &problem : loaded.problems) {
        say(LogLevel::error, problem.text());
        config_.broken_units.try_emplace(problem.subject, problem.text());
    }
    add_units(std::move(loaded.set.units));
}

void Engine::add_units(std::vector<Unit> units) {
    std::vector<Graph::Index> added;
    for (Unit &unit : units) {
        const std::string name = unit.name;
        const bool is_template = unit.is_template();
        const std::string origin = unit.origin.text();
        assembles_everything_ |=
            is_template && unit.kind == UnitKind::assembly && wanted_of(unit) == Wanted::always;
        if (!graph_.add(std::move(unit)))
            say(LogLevel::warning, origin + ": unit " + name +
                                       " is defined already; this second definition is ignored");
        else if (!is_template)
            added.push_back(*graph_.find(name));
    }
    // All are known before the first is judged: they may name each other.
    for (const Graph::Index index : added)
        note_added(index);
}

Wanted Engine::wanted_of(const Unit &unit) const {
    const bool is_always = !unit.always_if.empty() && holds(unit.always_if, config_.options);
    return is_always ? Wanted::always : unit.wanted;
}

namespace {

bool contains(const std::vector<std::string> &names, const std::string &name) {
    return std::ranges::contains(names, name);
}

bool needs(const Unit &unit, const std::string &name) {
    return contains(unit.required, name) || contains(unit.wants, name) ||
           contains(unit.milestones, name);
}

// A target does nothing by itself, so nothing is lost if nobody asks for it.
bool starts_by_itself(const Unit &unit, Wanted wanted) {
    const bool runs = unit.kind != UnitKind::target || unit.barrier;
    if (wanted == Wanted::never || !runs)
        return false;
    if (unit.is_explicit || wanted == Wanted::always)
        return true;
    return wanted == Wanted::automatic && unit.kind != UnitKind::assembly;
}

} // namespace

void Engine::note_added(Graph::Index index) {
    const Unit &unit = graph_.at(index).unit;
    watch_device(index);
    refuse_cycle(index);
    const Wanted wanted = wanted_of(unit);
    if (is_goal(graph_.at(index)))
        goals_.insert(index);
    if (is_goal(graph_.at(index)) || starts_by_itself(unit, wanted))
        want(index);
    else if (unit.kind == UnitKind::assembly && wanted == Wanted::automatic)
        automatic_assemblies_.insert(index);
    // Somebody may have required the unit before it was defined. A copy: what becomes wanted may
    // bring in more listeners.
    const auto listeners = graph_.listeners(unit.name);
    for (const Graph::Index listener : listeners) {
        const Node &other = graph_.at(listener);
        if (other.is_wanted && needs(other.unit, unit.name))
            want(index);
    }
    touch(index);
    touch_listeners(graph_.at(index));
}

// A unit that somebody needs may be an instance that no claim has made yet.
std::optional<Graph::Index> Engine::find_unit(const std::string &name) {
    const auto known = graph_.find(name);
    if (known || !name.contains('@') || name.ends_with('@'))
        return known;
    const auto made = graph_.find_or_instantiate(name);
    if (made)
        note_added(*made);
    return made;
}

void Engine::watch_device(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!node.unit.device)
        return;
    node.candidates.clear();
    references_.add(index, *node.unit.device);
    for (const auto &[syspath, device] : devices_.all())
        update_candidates(syspath, &device.facts);
}

// Files were checked when they were loaded; units that come in later were not. Nobody breaks a
// cycle by dropping an innocent unit: the one that closes it fails, with the path.
void Engine::refuse_cycle(Graph::Index index) {
    const auto cycle = graph_.find_cycle(index);
    if (!cycle.empty())
        fail(index,
             "cycle: " + join(cycle, " → ") + "; each waits for the next: remove one of the edges");
}

void Engine::want(Graph::Index index) {
    std::deque<Graph::Index> queue{index};
    while (!queue.empty()) {
        const Graph::Index next = queue.front();
        queue.pop_front();
        Node &node = graph_.at(next);
        if (node.is_wanted)
            continue;
        node.is_wanted = true;
        automatic_assemblies_.erase(next);
        if (node.state == NodeState::idle)
            node.state = NodeState::waiting;
        touch(next);
        // A unit that will be skipped needs nothing.
        if (!holds(node.unit.if_option, config_.options))
            continue;
        for (const auto *list : {&node.unit.required, &node.unit.wants, &node.unit.milestones}) {
            for (const std::string &name : *list) {
                if (const auto other = find_unit(name))
                    queue.push_back(*other);
            }
        }
    }
}

bool Engine::is_needed(const Node &node) const {
    if (is_goal(node) || starts_by_itself(node.unit, wanted_of(node.unit)))
        return true;
    return std::ranges::any_of(
        graph_.listeners(node.unit.name), [this, &node](Graph::Index listener) {
            const Node &other = graph_.at(listener);
            return other.is_wanted && !other.has_ended() && needs(other.unit, node.unit.name);
        });
}

// The losers of a race, and what only they needed.
void Engine::withdraw(Graph::Index index) {
    std::deque<Graph::Index> queue{index};
    while (!queue.empty()) {
        const Graph::Index next = queue.front();
        queue.pop_front();
        Node &node = graph_.at(next);
        if (!node.is_wanted || node.state == NodeState::ready || is_needed(node))
            continue;
        node.is_wanted = false;
        node.state = NodeState::idle;
        end_wait(next);
        end_degraded_wait(next);
        withdraw_question(node);
        end_backoff(next);
        note_need(next);
        if (Job *job = jobs_.find(std::exchange(node.job, 0)))
            cancel(*job, "another alternative was faster");
        for (const auto *list : {&node.unit.required, &node.unit.wants, &node.unit.milestones}) {
            for (const std::string &name : *list) {
                if (const auto other = graph_.find(name))
                    queue.push_back(*other);
            }
        }
    }
}

// ---- what a node still needs --------------------------------------------------------------------

void Engine::look_at_node(Graph::Index index) {
    Node &node = graph_.at(index);
    welcome_late(index);
    note_need(index);
    if (!node.is_wanted || node.state != NodeState::waiting || phase_ == Phase::leaving ||
        node.unit.at_switch == AtSwitch::run)
        return;
    if (!holds(node.unit.if_option, config_.options)) {
        node.is_skipped = true;
        node.reason = "skipped: the kernel command line does not ask for it";
        finish(index);
        return;
    }
    if (lacks_required(index) || lacks_milestones(index) || lacks_alternative(index) ||
        lacks_order(node) || lacks_device(index) || lacks_members(index) || skips(index) ||
        lacks_room(index) || is_in_backoff(node) || is_held(index))
        return;
    if (node.unit.kind == UnitKind::target)
        finish(index);
    else
        run(index);
}

// The device came after its wait was over. If that has not ended the boot, it is as welcome as
// before: a goal that comes in later may need it.
void Engine::welcome_late(Graph::Index index) {
    Node &node = graph_.at(index);
    if (node.state != NodeState::failed || !node.is_late || phase_ != Phase::booting)
        return;
    if (node.unit.device ? usable_candidates(node).empty() : !node.has_enough_members())
        return;
    if (is_too_late(node))
        return;
    node.is_late = false;
    node.wait_left.reset();
    node.reason.clear();
    node.state = node.is_wanted ? NodeState::waiting : NodeState::idle;
    say(LogLevel::notice, "unit " + node.unit.name + ": its device appeared after all");
    touch_listeners(node);
}

// What had to end before a barrier may not run behind it: a system that is resumed now would find
// its disks changed.
bool Engine::is_too_late(const Node &node) const {
    return std::ranges::any_of(graph_.barriers(), [&](Graph::Index barrier) {
        return graph_.at(barrier).has_ended() && graph_.must_precede(node.unit.name, barrier);
    });
}

bool Engine::lacks_required(Graph::Index index) {
    const Unit &unit = graph_.at(index).unit;
    return std::ranges::any_of(
        unit.required, [this, index](const std::string &name) { return lacks_unit(index, name); });
}

bool Engine::lacks_unit(Graph::Index index, const std::string &name) {
    const auto other = find_unit(name);
    if (!other && imports_open_ > 0)
        return true;
    if (!other) {
        fail(index, why_undefined(name));
        return true;
    }
    const Node &needed = graph_.at(*other);
    if (needed.state == NodeState::failed) {
        fail(index, "it needs " + name + ", which failed");
        return true;
    }
    if (!needed.is_wanted)
        want(*other);
    return needed.state != NodeState::ready;
}

bool Engine::lacks_milestones(Graph::Index index) {
    Node &node = graph_.at(index);
    for (const std::string &name : node.unit.milestones) {
        if (contains(node.passed_milestones, name))
            continue;
        if (lacks_unit(index, name))
            return true;
        node.passed_milestones.push_back(name);
    }
    return false;
}

bool Engine::lacks_alternative(Graph::Index index) {
    const Unit &unit = graph_.at(index).unit;
    if (unit.any_of.empty())
        return false;
    std::string failures;
    bool is_one_left = false;
    for (const std::string &name : unit.any_of) {
        const auto other = find_unit(name);
        if (other && graph_.at(*other).state == NodeState::ready) {
            withdraw_losers(graph_.at(index), name);
            return false;
        }
        if (!other && imports_open_ > 0) {
            is_one_left = true;
        } else if (!other || graph_.at(*other).state == NodeState::failed) {
            failures += (failures.empty() ? "" : "; ") + name + ": " +
                        (other ? graph_.at(*other).reason : why_undefined(name));
        } else if (unit.race || !is_one_left) {
            is_one_left = true;
            want(*other);
        }
    }
    if (!is_one_left)
        fail(index, "none of its alternatives is left: " + failures);
    return true;
}

void Engine::withdraw_losers(const Node &node, const std::string &winner) {
    for (const std::string &name : node.unit.any_of) {
        const auto other = graph_.find(name);
        if (other && name != winner)
            withdraw(*other);
    }
}

std::string Engine::why_undefined(const std::string &name) const {
    const auto broken = config_.broken_units.find(name);
    if (broken != config_.broken_units.end())
        return broken->second;
    if (!import_failure_.empty())
        return import_failure_;
    return "it needs unit " + name + ", which nothing defines; see slipway verify";
}

bool Engine::is_open(std::string_view name) const {
    const auto other = graph_.find(name);
    return other && graph_.at(*other).is_wanted && !graph_.at(*other).has_ended();
}

bool Engine::lacks_order(const Node &node) const {
    const auto open = [this](const std::string &name) { return is_open(name); };
    if (std::ranges::any_of(node.unit.wants, open) || std::ranges::any_of(node.unit.after, open) ||
        std::ranges::any_of(graph_.ordered_before(node.unit.name), open))
        return true;
    // Importers may still define what decides a barrier.
    if (imports_open_ > 0 && (node.unit.writes || node.unit.barrier))
        return true;
    return node.unit.writes && std::ranges::any_of(graph_.barriers(), [this](Graph::Index barrier) {
               return !graph_.at(barrier).has_ended();
           });
}

bool Engine::lacks_room(Graph::Index index) {
    const Node &node = graph_.at(index);
    for (const std::string &name : graph_.conflicts(node)) {
        const auto other = graph_.find(name);
        if (!other)
            continue;
        const Node &rival = graph_.at(*other);
        if (rival.state == NodeState::running)
            return true;
        if (rival.state == NodeState::ready && !rival.is_skipped) {
            fail(index, "it conflicts with " + name + ", which is active");
            return true;
        }
    }
    return false;
}

bool Engine::skips(Graph::Index index) {
    Node &node = graph_.at(index);
    if (node.unit.if_fact.empty())
        return false;
    const auto devices = devices_of(node);
    if (std::ranges::any_of(devices, [&node](const DeviceView &device) {
            return holds(node.unit.if_fact, device.facts);
        }))
        return false;
    node.is_skipped = true;
    node.reason = "skipped: its device is not of the kind that it is for";
    finish(index);
    return true;
}

void Engine::end_backoff(Graph::Index index) {
    retries_.clear(index);
    graph_.at(index).retry_at.reset();
}

bool Engine::is_in_backoff(const Node &node) const {
    return node.retry_at && *node.retry_at > now_;
}

} // namespace slipway
