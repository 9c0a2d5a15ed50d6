// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/resource_table.h"

#include <algorithm>
#include <utility>

namespace slipway {

void ResourceTable::request(ResourceTicket ticket, Amounts needs) {
    queue_.push_back({ticket, std::move(needs)});
    has_changed_ = true;
}

void ResourceTable::release(ResourceTicket ticket) {
    std::erase_if(queue_, [ticket](const Entry &entry) { return entry.ticket == ticket; });
    const auto held = held_.find(ticket);
    if (held != held_.end()) {
        for (const auto &[resource, amount] : held->second) {
            const auto used = used_.find(resource);
            if (used == used_.end())
                continue;
            used->second -= amount;
            // Names come from plugins: what nobody holds is forgotten.
            if (used->second == 0)
                used_.erase(used);
        }
        held_.erase(held);
    }
    has_changed_ = true;
}

bool ResourceTable::fits(const Amounts &needs, const Amounts &reserved) const {
    return std::ranges::all_of(needs, [&](const auto &need) {
        const std::uint64_t in_use = used(need.first);
        if (reserved.contains(need.first))
            return false;
        // Whoever needs more than there is must not wait for ever.
        return in_use == 0 || (need.second <= capacity(need.first) &&
                               in_use <= capacity(need.first) - need.second);
    });
}

std::vector<ResourceTicket> ResourceTable::take_granted() {
    std::vector<ResourceTicket> granted;
    if (!std::exchange(has_changed_, false))
        return granted;
    Amounts reserved; // by tickets that wait in front
    for (auto entry = queue_.begin(); entry != queue_.end();) {
        if (!fits(entry->needs, reserved)) {
            reserved.insert(entry->needs.begin(), entry->needs.end());
            ++entry;
            continue;
        }
        for (const auto &[resource, amount] : entry->needs)
            used_[resource] += amount;
        granted.push_back(entry->ticket);
        held_.emplace(entry->ticket, std::move(entry->needs));
        entry = queue_.erase(entry);
    }
    return granted;
}

bool ResourceTable::is_waiting(ResourceTicket ticket) const {
    return std::ranges::contains(queue_, ticket, &Entry::ticket);
}

bool ResourceTable::is_known(ResourceTicket ticket) const {
    return held_.contains(ticket) || is_waiting(ticket);
}

std::string ResourceTable::describe_need(ResourceTicket ticket) const {
    const auto entry = std::ranges::find(queue_, ticket, &Entry::ticket);
    std::string text;
    if (entry == queue_.end())
        return text;
    for (const auto &[resource, amount] : entry->needs)
        text += (text.empty() ? "" : ", ") + resource + " " + std::to_string(amount) + " (" +
                std::to_string(used(resource)) + " of " + std::to_string(capacity(resource)) +
                " in use)";
    return text;
}

std::uint64_t ResourceTable::capacity(std::string_view resource) const {
    const auto found = capacities_.find(resource);
    return found == capacities_.end() ? 1 : found->second;
}

std::uint64_t ResourceTable::used(std::string_view resource) const {
    const auto found = used_.find(resource);
    return found == used_.end() ? 0 : found->second;
}

} // namespace slipway
