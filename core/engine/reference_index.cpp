// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reference_index.h"

#include <utility>

namespace slipway {

void ReferenceIndex::add(Node node, const DeviceReference &reference) {
    if (reference.has_index_key())
        by_key_[reference.index_key()].emplace_back(node, reference);
    else
        without_key_.emplace_back(node, reference);
}

std::set<ReferenceIndex::Node> ReferenceIndex::nodes_for(const Facts &facts) const {
    std::set<Node> nodes;
    for (const auto &[node, reference] : without_key_) {
        if (reference.matches(facts))
            nodes.insert(node);
    }
    if (by_key_.empty())
        return nodes;
    for (const std::string &key : DeviceReference::index_keys_of(facts)) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end())
            continue;
        for (const auto &[node, reference] : found->second) {
            if (reference.matches(facts))
                nodes.insert(node);
        }
    }
    return nodes;
}

std::set<ReferenceIndex::Node> ReferenceIndex::nodes_of(std::string_view syspath) const {
    const auto found = nodes_of_device_.find(syspath);
    std::set<Node> nodes = found == nodes_of_device_.end() ? std::set<Node>() : found->second;
    const std::string below = std::string(syspath) + "/";
    for (auto part = nodes_of_device_.lower_bound(below);
         part != nodes_of_device_.end() && part->first.starts_with(below); ++part)
        nodes.insert(part->second.begin(), part->second.end());
    return nodes;
}

std::vector<ReferenceIndex::Change> ReferenceIndex::update(const std::string &syspath,
                                                           const Facts *facts) {
    std::vector<Change> changes;
    std::set<Node> now = facts == nullptr ? std::set<Node>() : nodes_for(*facts);
    const auto known = nodes_of_device_.find(syspath);
    const std::set<Node> before =
        known == nodes_of_device_.end() ? std::set<Node>() : std::move(known->second);
    for (const Node node : before) {
        if (!now.contains(node))
            changes.push_back({node, false});
    }
    for (const Node node : now) {
        if (!before.contains(node))
            changes.push_back({node, true});
    }
    if (!now.empty())
        nodes_of_device_.insert_or_assign(syspath, std::move(now));
    else if (known != nodes_of_device_.end())
        nodes_of_device_.erase(known);
    return changes;
}

} // namespace slipway
