// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <utility>

#include "engine/engine.h"

// How nodes move through their states (phase one of the engine).
namespace slipway {

void Engine::propagate() {
    while (!dirty_devices_.empty() || !dirty_nodes_.empty() || offer_assemblies_) {
        if (!dirty_devices_.empty()) {
            const std::string syspath = std::move(dirty_devices_.front());
            dirty_devices_.pop_front();
            look_at_device(syspath);
        } else if (!dirty_nodes_.empty()) {
            const Graph::Index index = dirty_nodes_.front();
            dirty_nodes_.pop_front();
            is_dirty_.erase(index);
            look_at_node(index);
        } else {
            offer_assemblies_ = false;
            offer_automatic_assemblies();
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

void Engine::add_units(std::vector<Unit> units) {
    for (Unit &unit : units) {
        const std::string name = unit.name;
        const bool is_template = unit.is_template();
        const std::string origin = unit.origin.text();
        if (!graph_.add(std::move(unit))) {
            say(LogLevel::warning, origin + ": unit " + name +
                                       " is defined already; this second definition is ignored");
            continue;
        }
        if (!is_template)
            note_added(*graph_.find(name));
    }
}

void Engine::note_added(Graph::Index index) {
    Node &node = graph_.at(index);
    const Unit &unit = node.unit;
    if (unit.device) {
        node.candidates.clear();
        device_waiters_.insert(index);
        for (const auto &[syspath, device] : devices_.all()) {
            if (unit.device->matches(device.facts))
                node.candidates.insert(syspath);
        }
    }
    const bool runs = unit.kind != UnitKind::target || unit.barrier;
    const bool is_own_start = unit.is_explicit ? unit.wanted != Wanted::never && runs
                                               : unit.wanted == Wanted::automatic && runs &&
                                                     unit.kind != UnitKind::assembly;
    if (is_own_start)
        want(index);
    else if (unit.kind == UnitKind::assembly && unit.wanted == Wanted::automatic)
        automatic_assemblies_.insert(index);
    // Somebody may have required the unit before it was defined.
    for (const Graph::Index listener : graph_.listeners(unit.name)) {
        const Node &other = graph_.at(listener);
        if (other.is_wanted && (std::ranges::contains(other.unit.required, unit.name) ||
                                std::ranges::contains(other.unit.wants, unit.name)))
            want(index);
    }
    touch_listeners(node);
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
        if (node.state == NodeState::idle)
            node.state = NodeState::waiting;
        touch(next);
        offer_assemblies_ = true;
        for (const auto *list : {&node.unit.required, &node.unit.wants}) {
            for (const std::string &name : *list) {
                if (const auto other = graph_.find(name))
                    queue.push_back(*other);
            }
        }
    }
}

// ---- devices ------------------------------------------------------------------------------------

void Engine::look_at_device(const std::string &syspath) {
    const DeviceTable::Device *device = devices_.find(syspath);
    if (device == nullptr)
        return;
    match_candidates(*device);
    for (const std::size_t claim : devices_.take_claims(syspath))
        claim_device(*device, set_.claims[claim]);
}

void Engine::match_candidates(const DeviceTable::Device &device) {
    for (const Graph::Index index : device_waiters_) {
        Node &node = graph_.at(index);
        const bool changed = node.unit.device->matches(device.facts)
                                 ? node.candidates.insert(device.syspath).second
                                 : node.candidates.erase(device.syspath) > 0;
        if (changed)
            touch(index);
    }
}

void Engine::claim_device(const DeviceTable::Device &device, const Claim &claim) {
    if (phase_ == Phase::leaving)
        return;
    if (!claim.unit.empty()) {
        add_member(device.syspath,
                   {expand_facts(claim.unit, device.facts),
                    expand_facts(claim.name, device.facts),
                    claim.members,
                    {}},
                   true);
        return;
    }
    // A queued inspection will see the device as it is when it starts.
    if (jobs_.has_queued_inspection(claim.plugin, device.syspath))
        return;
    Job job;
    job.request.operation = Operation::inspect;
    job.request.plugin = claim.plugin;
    job.syspath = device.syspath;
    job.timeout = config_.inspect_timeout;
    jobs_.add(std::move(job));
}

void Engine::add_member(const std::string &syspath, const Membership &membership,
                        bool is_claimed_by_facts) {
    const bool existed = graph_.find(membership.unit).has_value();
    const auto index = graph_.find_or_instantiate(membership.unit);
    if (!index) {
        say(LogLevel::warning, syspath + " is said to be a member of " + membership.unit +
                                   ", but there is no such template; see slipway verify");
        return;
    }
    Node &node = graph_.at(*index);
    if (!existed)
        note_added(*index);
    if (!node.is_assembly())
        return;
    if (!membership.name.empty())
        node.display_name = membership.name;
    if (!is_claimed_by_facts || node.expected == 0)
        node.expected = std::max(node.expected, membership.expected);
    node.provides.insert(node.provides.end(), membership.provides.begin(),
                         membership.provides.end());
    std::ranges::sort(node.provides);
    node.provides.erase(std::ranges::unique(node.provides).begin(), node.provides.end());
    assemblies_of_device_[syspath].insert(*index);
    if (node.members.insert(syspath).second)
        node.degraded_deadline.reset(); // each arriving member restarts the wait for the others
    offer_assemblies_ = true;
    touch(*index);
}

void Engine::leave_assemblies(const std::string &syspath) {
    const auto found = assemblies_of_device_.find(syspath);
    if (found == assemblies_of_device_.end())
        return;
    for (const Graph::Index index : found->second) {
        graph_.at(index).members.erase(syspath);
        touch(index);
    }
    assemblies_of_device_.erase(found);
}

std::vector<std::string> Engine::wanted_references() const {
    std::vector<std::string> references;
    for (const Graph::Index index : device_waiters_) {
        const Node &node = graph_.at(index);
        if (node.is_wanted && !node.has_ended() && node.candidates.empty() &&
            !std::ranges::contains(references, node.unit.device->text()))
            references.push_back(node.unit.device->text());
    }
    return references;
}

bool Engine::may_lead_to_wanted(const Node &assembly) const {
    // A named assembly without members may lie inside this one.
    for (Graph::Index index = 0; index < graph_.size(); ++index) {
        const Node &node = graph_.at(index);
        if (node.is_assembly() && node.is_wanted && node.unit.is_explicit && !node.has_ended() &&
            node.members.empty() && !node.unit.device)
            return true;
    }
    return std::ranges::any_of(wanted_references(), [&assembly](const std::string &text) {
        const auto reference = DeviceReference::parse(text);
        // What lies inside shows only when the assembly is started, except for its own names.
        const bool is_own_name = reference && reference->kind() == DeviceReference::Kind::path &&
                                 !reference->value().starts_with("/dev/disk/");
        return !is_own_name || assembly.provides.empty() ||
               std::ranges::contains(assembly.provides, reference->value());
    });
}

void Engine::offer_automatic_assemblies() {
    const std::vector<Graph::Index> idle(automatic_assemblies_.begin(),
                                         automatic_assemblies_.end());
    for (const Graph::Index index : idle) {
        const Node &node = graph_.at(index);
        if (node.is_wanted)
            automatic_assemblies_.erase(index);
        else if (!node.members.empty() && may_lead_to_wanted(node))
            want(index);
    }
}

// ---- what a node still needs --------------------------------------------------------------------

void Engine::look_at_node(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!node.is_wanted || node.state != NodeState::waiting || phase_ == Phase::leaving)
        return;
    if (lacks_required(index) || lacks_order(node) || lacks_device(index) || lacks_members(index) ||
        is_in_backoff(node))
        return;
    if (node.unit.kind == UnitKind::target)
        finish(index, false);
    else
        run(index);
}

bool Engine::lacks_required(Graph::Index index) {
    const Node &node = graph_.at(index);
    for (const std::string &name : node.unit.required) {
        const auto other = graph_.find(name);
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
        if (needed.state != NodeState::ready)
            return true;
    }
    return false;
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
    return node.unit.writes &&
           (imports_open_ > 0 ||
            std::ranges::any_of(graph_.barriers(), [this](Graph::Index barrier) {
                return !graph_.at(barrier).has_ended();
            }));
}

std::vector<std::string> Engine::usable_candidates(const Node &node) const {
    // A device that is part of something larger (a RAID leg with the file system's UUID), or a
    // private layer, is not what the reference means if another device answers as well.
    std::vector<std::string> usable;
    for (const std::string &syspath : node.candidates) {
        const Facts *known = facts(syspath);
        if (known != nullptr && fact(*known, "private") != "1" &&
            !assemblies_of_device_.contains(syspath))
            usable.push_back(syspath);
    }
    if (usable.empty())
        usable.assign(node.candidates.begin(), node.candidates.end());
    return usable;
}

bool Engine::lacks_device(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!node.unit.device)
        return false;
    const auto usable = usable_candidates(node);
    if (usable.size() > 1) {
        std::vector<std::string> names;
        for (const DeviceView &device : devices_of(node)) {
            const std::string_view devnode = fact(device.facts, "devnode");
            names.emplace_back(devnode.empty() ? std::string_view(device.syspath) : devnode);
        }
        fail(index, "more than one device answers to " + node.unit.device->text() + ": " +
                        join(names, ", ") + "; detach one, or name the right one by its path");
        return true;
    }
    if (!usable.empty()) {
        node.device_deadline.reset();
        return false;
    }
    if (!node.device_deadline) {
        const auto timeout =
            node.unit.device_timeout ? node.unit.device_timeout : config_.device_timeout;
        if (timeout && timeout->count() > 0) {
            node.device_deadline = runnable_now() + *timeout;
            timed_.insert(index);
        }
        offer_assemblies_ = true;
    }
    return true;
}

bool Engine::lacks_members(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!node.is_assembly() || node.unit.device || node.is_complete())
        return false;
    if (node.members.empty() || !node.unit.degraded)
        return true;
    if (!node.degraded_deadline) {
        node.degraded_deadline =
            runnable_now() + config_.degraded_wait.value_or(node.unit.degraded->wait);
        timed_.insert(index);
    }
    if (*node.degraded_deadline > runnable_now())
        return true;
    if (node.unit.degraded->then == DegradedPolicy::Then::fail) {
        fail(index, "only " + std::to_string(node.members.size()) + " of " +
                        std::to_string(node.expected) + " members appeared in time");
        return true;
    }
    node.is_degraded = true;
    return false;
}

bool Engine::is_in_backoff(const Node &node) const {
    return node.retry_at && *node.retry_at > now_;
}

// ---- running ------------------------------------------------------------------------------------

std::vector<DeviceView> Engine::devices_of(const Node &node) const {
    std::vector<DeviceView> views;
    const auto add = [&](const std::string &syspath) {
        if (const Facts *known = facts(syspath))
            views.push_back({syspath, *known});
    };
    if (node.unit.device)
        std::ranges::for_each(usable_candidates(node), add);
    else
        std::ranges::for_each(node.members, add);
    return views;
}

void Engine::run(Graph::Index index) {
    Node &node = graph_.at(index);
    node.state = NodeState::running;
    node.degraded_deadline.reset();
    node.members_at_last_run = node.members.size();
    ++node.attempts;
    Job job;
    job.node = index;
    job.timeout = node.unit.timeout;
    job.request.operation = Operation::activate;
    job.request.mode = node.is_degraded ? Mode::degraded : Mode::normal;
    job.request.plugin = node.unit.plugin;
    job.request.unit = node.unit.name;
    job.request.params = node.unit.params;
    job.request.devices = devices_of(node);
    node.job = jobs_.add(std::move(job)).request.job;
}

void Engine::finish(Graph::Index index, bool is_degraded) {
    Node &node = graph_.at(index);
    node.state = NodeState::ready;
    node.is_degraded = is_degraded;
    node.missing.clear();
    touch_listeners(node);
}

void Engine::fail(Graph::Index index, std::string reason) {
    Node &node = graph_.at(index);
    node.state = NodeState::failed;
    node.reason = std::move(reason);
    node.device_deadline.reset();
    node.degraded_deadline.reset();
    node.retry_at.reset();
    // What was cut off because the root is ready is no trouble for anybody.
    say(phase_ == Phase::leaving ? LogLevel::debug : LogLevel::error,
        "unit " + node.unit.name + " failed: " + node.reason);
    touch_listeners(node);
}

void Engine::job_ended(Graph::Index index, const JobFinished &event) {
    Node &node = graph_.at(index);
    node.job = 0;
    node.reason = event.reason;
    node.missing = event.missing;
    switch (event.outcome) {
    case JobOutcome::done:
        finish(index, node.is_degraded);
        return;
    case JobOutcome::incomplete:
        node.state = NodeState::waiting;
        node.needs_new_member = true;
        say(LogLevel::info, "unit " + node.unit.name + " is incomplete: " + event.reason);
        touch(index);
        return;
    case JobOutcome::retry:
        if (node.attempts > node.unit.retries)
            break;
        node.state = NodeState::waiting;
        node.retry_at = now_ + node.unit.backoff * (1U << std::min(node.attempts - 1, 10U));
        timed_.insert(index);
        say(LogLevel::warning, "unit " + node.unit.name + " will be tried again: " + event.reason);
        touch(index);
        return;
    case JobOutcome::failed:
        break;
    }
    fail(index, event.reason);
}

} // namespace slipway
