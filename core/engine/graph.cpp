// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/graph.h"

#include "unit/unit_loader.h"

namespace slipway {

bool Graph::add(Unit unit) {
    if (unit.is_template())
        return templates_.try_emplace(unit.name, std::move(unit)).second;
    // A claim may have made the instance before an importer wrote it out: the written one adds what
    // it says, and what the claim knows (members, name) stays.
    if (const auto existing = find(unit.name)) {
        Node &node = nodes_[*existing];
        if (node.unit.is_explicit || node.state != NodeState::idle)
            return false;
        node.unit = std::move(unit);
        add_edges(*existing);
        return true;
    }
    insert(std::move(unit));
    return true;
}

std::optional<Graph::Index> Graph::find_or_instantiate(std::string_view name) {
    if (const auto existing = find(name))
        return existing;
    const auto base = templates_.find(template_name(name));
    if (base == templates_.end())
        return std::nullopt;
    Unit unit = instance_of(base->second, name);
    apply_overrides(overrides_, unit);
    unit.is_explicit = false;
    return insert(std::move(unit));
}

std::optional<Graph::Index> Graph::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

Graph::Index Graph::insert(Unit unit) {
    const Index index = nodes_.size();
    by_name_.emplace(unit.name, index);
    nodes_.push_back({});
    nodes_.back().unit = std::move(unit);
    add_edges(index);
    return index;
}

void Graph::add_edges(Index index) {
    const Unit &unit = nodes_[index].unit;
    for (const auto *list : {&unit.required, &unit.wants, &unit.after, &unit.milestones,
                             &unit.any_of, &unit.conflicts})
        for (const std::string &name : *list)
            listeners_[name].push_back(index);
    for (const std::string &other : unit.conflicts) {
        conflicted_by_[other].push_back(unit.name);
        if (const auto existing = find(other))
            listeners_[unit.name].push_back(*existing);
    }
    if (const auto known = conflicted_by_.find(unit.name); known != conflicted_by_.end())
        for (const std::string &other : known->second)
            listeners_[other].push_back(index);
    for (const std::string &later : unit.before) {
        before_[later].push_back(unit.name);
        if (const auto existing = find(later))
            listeners_[unit.name].push_back(*existing);
    }
    for (const std::string &earlier : ordered_before(unit.name))
        listeners_[earlier].push_back(index);
    if (unit.barrier) {
        barriers_.push_back(index);
        auto &listening = listeners_[unit.name];
        listening.insert(listening.end(), writers_.begin(), writers_.end());
    }
    if (unit.writes) {
        writers_.push_back(index);
        for (const Index barrier : barriers_)
            listeners_[nodes_[barrier].unit.name].push_back(index);
    }
}

const std::vector<Graph::Index> &Graph::listeners(std::string_view name) const {
    static const std::vector<Index> kNone;
    const auto found = listeners_.find(name);
    return found == listeners_.end() ? kNone : found->second;
}

const std::vector<std::string> &Graph::ordered_before(std::string_view name) const {
    static const std::vector<std::string> kNone;
    const auto found = before_.find(name);
    return found == before_.end() ? kNone : found->second;
}

std::vector<std::string> Graph::conflicts(const Node &node) const {
    std::vector<std::string> names = node.unit.conflicts;
    if (const auto known = conflicted_by_.find(node.unit.name); known != conflicted_by_.end())
        names.insert(names.end(), known->second.begin(), known->second.end());
    return names;
}

std::vector<std::string> Graph::predecessors(const Unit &unit) const {
    std::vector<std::string> names;
    const auto &ordered = ordered_before(unit.name);
    for (const auto *list :
         {&unit.required, &unit.wants, &unit.after, &unit.milestones, &unit.any_of, &ordered})
        names.insert(names.end(), list->begin(), list->end());
    if (unit.writes) {
        for (const Index barrier : barriers_)
            names.push_back(nodes_[barrier].unit.name);
    }
    return names;
}

bool Graph::must_precede(std::string_view earlier, Index later) const {
    std::vector<std::string> queue = predecessors(nodes_[later].unit);
    std::set<std::string, std::less<>> seen;
    while (!queue.empty()) {
        const std::string name = std::move(queue.back());
        queue.pop_back();
        if (name == earlier)
            return true;
        const auto index = find(name);
        if (!index || !seen.insert(name).second)
            continue;
        for (std::string &next : predecessors(nodes_[*index].unit))
            queue.push_back(std::move(next));
    }
    return false;
}

// Depth first, with a stack of its own: units come from outside, and so does the depth.
std::vector<std::string> Graph::find_cycle(Index start) const {
    struct Step {
        std::string name;
        std::vector<std::string> next;
    };
    const std::string &origin = nodes_[start].unit.name;
    std::vector<Step> path{{origin, predecessors(nodes_[start].unit)}};
    std::set<std::string, std::less<>> seen;
    while (!path.empty()) {
        if (path.back().next.empty()) {
            path.pop_back();
            continue;
        }
        const std::string name = std::move(path.back().next.back());
        path.back().next.pop_back();
        if (name == origin) {
            std::vector<std::string> cycle;
            for (const Step &step : path)
                cycle.push_back(step.name);
            cycle.push_back(origin);
            return cycle;
        }
        const auto index = find(name);
        if (index && seen.insert(name).second)
            path.push_back({name, predecessors(nodes_[*index].unit)});
    }
    return {};
}

} // namespace slipway
