// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine_view.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/decision_log.h"
#include "engine/explanation.h"

namespace slipway {

namespace {

std::string_view kind_word(UnitKind kind) {
    switch (kind) {
    case UnitKind::target:
        return "target";
    case UnitKind::job:
        return "job";
    case UnitKind::service:
        return "service";
    case UnitKind::assembly:
        return "assembly";
    case UnitKind::mount:
        return "mount";
    }
    return "?";
}

} // namespace

std::string_view to_word(BootState state) {
    switch (state) {
    case BootState::booting:
        return "booting";
    case BootState::waiting:
        return "waiting";
    case BootState::asking:
        return "asking";
    case BootState::emergency:
        return "emergency";
    case BootState::switching:
        return "switching";
    }
    return "?";
}

BootState EngineView::state() const {
    if (engine_.phase_ == Engine::Phase::emergency)
        return BootState::emergency;
    if (engine_.phase_ != Engine::Phase::booting)
        return BootState::switching;
    const auto asks = [](const auto &entry) { return entry.second.prompt.has_value(); };
    if (!engine_.questions_.empty() || !engine_.foreign_prompts_.empty() ||
        std::ranges::any_of(engine_.jobs_.all(), asks))
        return BootState::asking;
    // A service that is ready goes on, and nothing waits for it.
    const auto works = [this](const auto &entry) {
        const auto &node = entry.second.node;
        return !node || engine_.graph_.at(*node).state != NodeState::ready;
    };
    return std::ranges::any_of(engine_.jobs_.all(), works) ? BootState::booting
                                                           : BootState::waiting;
}

std::vector<std::string> EngineView::goals() const {
    std::vector<std::string> names = {engine_.config_.goal};
    for (const Graph::Index index : engine_.goals_) {
        const std::string &name = engine_.graph_.at(index).unit.name;
        if (name != engine_.config_.goal)
            names.push_back(name);
    }
    return names;
}

std::vector<UnitSnapshot> EngineView::units() const {
    std::vector<UnitSnapshot> all;
    for (const auto &[name, index] : engine_.graph_.by_name())
        all.push_back(snapshot(engine_.graph_.at(index)));
    return all;
}

UnitSnapshot EngineView::snapshot(const Node &node) const {
    UnitSnapshot unit;
    unit.name = node.unit.name;
    unit.display_name = node.display_name;
    unit.kind = kind_word(node.unit.kind);
    unit.description = expand_facts(
        node.unit.description,
        {{"key", instance_key(node.unit.name)},
         {"name", node.display_name.empty() ? instance_key(node.unit.name) : node.display_name}});
    unit.state = Explanation::state_word(node);
    unit.reason = node.reason;
    unit.plugin = node.unit.plugin;
    unit.device = node.unit.device ? node.unit.device->text() : "";
    unit.is_wanted = node.is_wanted;
    unit.is_goal = engine_.is_goal(node);
    unit.waits_for = waits_of(node);
    unit.members.assign(node.members.begin(), node.members.end());
    unit.expected_members = node.expected;
    return unit;
}

std::vector<std::string> EngineView::waits_of(const Node &node) const {
    std::vector<std::string> names;
    if (node.state != NodeState::waiting)
        return names;
    for (std::string &name : engine_.graph_.predecessors(node.unit)) {
        const auto other = engine_.graph_.find(name);
        const bool is_needed = std::ranges::contains(node.unit.required, name);
        const bool is_open = other ? engine_.is_open(name) : is_needed;
        if (is_open && !std::ranges::contains(names, name))
            names.push_back(std::move(name));
    }
    if (node.unit.device && engine_.usable_candidates(node).empty())
        names.push_back("device " + node.unit.device->text());
    return names;
}

std::vector<DeviceSnapshot> EngineView::devices() const {
    std::map<std::string, std::vector<std::string>, std::less<>> users;
    for (const auto &[name, index] : engine_.graph_.by_name()) {
        const Node &node = engine_.graph_.at(index);
        for (const auto *syspaths : {&node.members, &node.candidates}) {
            for (const std::string &syspath : *syspaths)
                users[syspath].push_back(name);
        }
    }
    std::vector<DeviceSnapshot> all;
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        const auto found = users.find(syspath);
        all.push_back({syspath, device.facts,
                       found == users.end() ? std::vector<std::string>() : found->second});
    }
    return all;
}

std::optional<Duration> EngineView::time_left(std::string_view unit, Duration now) const {
    const auto index = engine_.graph_.find(unit);
    if (!index)
        return std::nullopt;
    const Node &node = engine_.graph_.at(*index);
    const auto until = [](Duration deadline, Duration time) {
        return std::max(Duration{0}, deadline - time);
    };
    if (node.state == NodeState::running) {
        const auto job = engine_.jobs_.all().find(node.job);
        if (job == engine_.jobs_.all().end() || !job->second.timeout)
            return std::nullopt;
        if (job->second.deadline)
            return until(*job->second.deadline, now);
        return job->second.is_started ? job->second.left : *job->second.timeout;
    }
    if (node.state != NodeState::waiting)
        return std::nullopt;
    const auto deadline = node.degraded_deadline ? node.degraded_deadline : node.wait_deadline;
    if (!deadline)
        return std::nullopt;
    return until(*deadline, engine_.clock_.at(std::max(engine_.now_, now)));
}

bool EngineView::has_decided_barriers() const {
    const Graph &graph = engine_.graph_;
    const auto has_done = [](const Node &node) {
        return node.state == NodeState::ready && !node.is_skipped;
    };
    if (engine_.imports_open_ > 0 || !engine_.import_failure_.empty() || graph.barriers().empty())
        return false;
    return std::ranges::all_of(graph.barriers(), [&](Graph::Index barrier) {
        const Node &node = graph.at(barrier);
        return has_done(node) &&
               std::ranges::all_of(graph.predecessors(node.unit), [&](const std::string &name) {
                   const auto index = graph.find(name);
                   return !index || has_done(graph.at(*index));
               });
    });
}

std::vector<std::string> EngineView::jobs() const {
    std::vector<std::string> titles;
    for (const auto &[id, job] : engine_.jobs_.all()) {
        StartJob request = job.request;
        if (!job.syspath.empty() && request.devices.empty())
            request.devices = {{job.syspath, {}}};
        titles.push_back(title_of(request));
    }
    return titles;
}

} // namespace slipway
