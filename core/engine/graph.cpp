// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/graph.h"

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
    Unit unit = base->second;
    unit.name = name;
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
    for (const auto *list : {&unit.required, &unit.wants, &unit.after})
        for (const std::string &name : *list)
            listeners_[name].push_back(index);
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

} // namespace slipway
