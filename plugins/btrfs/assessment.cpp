// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/assessment.h"

#include <algorithm>
#include <format>
#include <map>
#include <utility>

#include "base/text.h"

namespace slipway::btrfs {

namespace {

const Member &newest(const std::vector<Member> &members) {
    return *std::ranges::max_element(
        members, {}, [](const Member &member) { return member.superblock.generation; });
}

// One less: the power may fail between the writes of one commit.
bool is_current(const Superblock &block, std::uint64_t generation) {
    return block.generation >= generation || generation - block.generation == 1;
}

// Two devices that say that they are the same one: a clone, a snapshot, or another path to it. The
// kernel would silently take the one that was registered last.
std::string find_copies(const std::vector<Member> &members) {
    std::map<std::string, std::string> seen; // UUID of the device → devnode
    for (const Member &member : members) {
        const auto [first, is_new] = seen.emplace(member.superblock.device_uuid, member.devnode);
        if (!is_new)
            return std::format("{} and {} are copies of one device (number {}); detach one of them",
                               first->second, member.devnode, member.superblock.device_id);
    }
    return {};
}

} // namespace

Assessment assess(std::vector<Member> members) {
    Assessment result;
    if (members.empty())
        return result;
    std::ranges::sort(members, {}, [](const Member &member) {
        return std::pair(member.superblock.device_id, member.devnode);
    });
    const Superblock top = newest(members).superblock;
    result.name = top.label.empty() ? top.fs_uuid : printable(top.label, 256);
    result.num_devices = top.num_devices;
    result.problem = find_copies(members);
    const auto stale = std::ranges::stable_partition(members, [&top](const Member &member) {
        return is_current(member.superblock, top.generation);
    });
    const auto current = static_cast<std::uint64_t>(members.size() - stale.size());
    result.missing = top.num_devices - std::min(current, top.num_devices);
    if (result.is_complete()) {
        result.left_out.assign(stale.begin(), stale.end());
        members.erase(stale.begin(), stale.end());
    }
    result.members = std::move(members);
    return result;
}

std::string describe(const Assessment &assessment) {
    std::vector<std::string> texts;
    if (assessment.members.empty())
        return "none";
    const std::uint64_t generation = newest(assessment.members).superblock.generation;
    for (const Member &member : assessment.members)
        texts.push_back(
            std::format("device {} {}{}", member.superblock.device_id, member.devnode,
                        is_current(member.superblock, generation) ? "" : " (older state)"));
    return join(texts, ", ");
}

} // namespace slipway::btrfs
