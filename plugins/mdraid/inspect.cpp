// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <format>
#include <ranges>
#include <string>
#include <vector>

#include "base/places.h"
#include "base/text.h"
#include "mdraid/array_operations.h"
#include "mdraid/md_options.h"

namespace slipway::mdraid {

using sdk::Outcome;

namespace {

bool is_native(std::string_view fs_type) {
    return fs_type == "linux_raid_member";
}

std::string value_of(const Exported &exported, std::string_view key) {
    const auto found = exported.find(key);
    return found == exported.end() ? std::string() : found->second;
}

// Names come from disks: none of them may lead out of its directory.
bool is_file_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
           !name.contains('/') && printable(name) == name;
}

// "/dev/md127p2" → "/dev/md127"; of an array itself nothing changes.
std::string array_node_of(const std::string &node, std::string_view partition) {
    const std::string suffix = "p" + std::string(partition);
    return !partition.empty() && node.ends_with(suffix)
               ? node.substr(0, node.size() - suffix.size())
               : node;
}

std::vector<std::string> links_of(const Exported &detail, std::string_view partition) {
    const std::string part = partition.empty() ? "" : "-part" + std::string(partition);
    std::vector<std::string> links;
    const auto add = [&](std::string_view directory, const std::string &name,
                         const std::string &suffix) {
        if (is_file_name(name))
            links.push_back(std::format("/dev/{}{}{}", directory, name, suffix));
    };
    add("disk/by-id/md-name-", value_of(detail, "MD_NAME"), part);
    add("disk/by-id/md-uuid-", value_of(detail, "MD_UUID"), part);
    const std::string name = value_of(detail, "MD_DEVNAME");
    const bool ends_in_digit = !name.empty() && name.back() >= '0' && name.back() <= '9';
    add("md/", name, partition.empty() ? "" : (ends_in_digit ? "p" : "") + std::string(partition));
    return links;
}

std::string place_of(const Slot &slot) {
    return std::format("slot {}", slot.number) +
           (slot.last_seen.empty() ? "" : " (last seen as device " + slot.last_seen + ")");
}

// Which slot the member fills, and which have to be filled: what is missing is named by it.
void publish_places(sdk::Context &context, std::string_view syspath, const Superblock &superblock) {
    std::vector<std::string> places;
    for (const Slot &slot : superblock.slots | std::views::take(Places::kMost))
        places.push_back(place_of(slot));
    if (superblock.slot)
        context.publish(syspath, "place", place_of({*superblock.slot}));
    if (!places.empty())
        context.publish(syspath, "places", join(places, "\n"));
}

} // namespace

Outcome inspect_member(sdk::Context &context, const sdk::Request &request, MdadmBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const sdk::Device &device = devices.front();
    const std::string node = device.devnode();
    const MdOptions options = options_of(request);
    const std::string_view type = device.fact("fs_type");
    if (const std::string why = options.refusal_of_type(type); !why.empty())
        return context.done(std::format("{} is left alone: {}", node, why));
    const auto found = is_native(type) ? backend.examine(node) : backend.examine_container(node);
    if (!found)
        return context.fail(std::format("{}: {}", node, found.error().message()));
    if (const std::string why = options.refusal(found->uuid); !found->is_container && !why.empty())
        return context.done(std::format("{}: array {} is left alone: {}", node, found->uuid, why));
    // For activate: the worker that runs it knows only the facts.
    context.publish(device.syspath(), "md_level", found->level);
    context.publish(device.syspath(), "md_role", found->is_spare ? "spare" : "active");
    publish_places(context, device.syspath(), *found);
    const std::string unit = (found->is_container ? "mdcontainer@" : "mdraid@") + found->uuid;
    context.member({.unit = unit,
                    .name = found->name.empty() ? found->uuid : found->name,
                    .expected = std::max(found->active, 1U),
                    .provides = {}}); // anything may lie on an array
    return Outcome::done;
}

Outcome inspect_array(sdk::Context &context, const sdk::Request &request, MdadmBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const sdk::Device &device = devices.front();
    const std::string_view partition = device.fact("partn");
    const auto detail = backend.detail(array_node_of(device.devnode(), partition));
    if (!detail)
        return context.fail(std::format("{}: {}", device.devnode(), detail.error().message()));
    if (const auto links = links_of(*detail, partition); !links.empty())
        context.publish(device.syspath(), "links", join(links, "\n"));
    // The host looks for volume groups on an array once, when it is started, and this was it.
    if (partition.empty() && device.fact("fs_type") == "LVM2_member")
        context.publish(device.syspath(), "udev.LVM_MD_PV_ACTIVATED", "1");
    return Outcome::done;
}

} // namespace slipway::mdraid
