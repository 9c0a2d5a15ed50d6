// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/volume_choice.h"

#include <algorithm>
#include <array>

namespace slipway::lvm {

namespace {

void add(std::vector<std::string> &names, const std::string &name) {
    if (!std::ranges::contains(names, name))
        names.push_back(name);
}

// A partition or disk of hardware is in no volume group.
bool is_hardware_path(std::string_view path) {
    constexpr std::array<std::string_view, 7> kPrefixes = {
        "/dev/sd", "/dev/vd", "/dev/nvme", "/dev/xvd", "/dev/mmcblk", "/dev/hd", "/dev/md"};
    return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
        return path.starts_with(prefix) && !path.substr(5).contains('/');
    });
}

void add_named(Choice &choice, const LogicalVolume &volume) {
    add(choice.volumes, volume.name);
    choice.includes_skipped = choice.includes_skipped || volume.is_skipped;
}

const LogicalVolume *find_by_path(const VolumeGroup &group, std::string_view path) {
    for (const LogicalVolume &volume : group.logical_volumes) {
        if (path == volume.mapper_path || path == group.link_path(volume))
            return &volume;
    }
    return nullptr;
}

Choice all_volumes(const VolumeGroup &group) {
    Choice choice;
    for (const LogicalVolume &volume : group.logical_volumes) {
        if (volume.is_activatable())
            add(choice.volumes, volume.name);
    }
    return choice;
}

Choice volumes_of_options(const VolumeGroup &group, const LvmOptions &options) {
    Choice choice;
    if (std::ranges::contains(options.groups, group.name))
        choice = all_volumes(group);
    for (const std::string &name : options.volumes) {
        if (!name.starts_with(group.name + "/"))
            continue;
        if (const LogicalVolume *volume = group.find(name.substr(group.name.size() + 1)))
            add_named(choice, *volume);
        else
            add(choice.unknown, name);
    }
    return choice;
}

void note_left_out(Choice &choice, const VolumeGroup &group,
                   const std::vector<std::string_view> &wanted) {
    for (const std::string_view reference : wanted) {
        const LogicalVolume *volume = find_by_path(group, reference);
        if (volume != nullptr && !std::ranges::contains(choice.volumes, volume->name))
            add(choice.left_out, std::string(reference));
    }
}

} // namespace

bool is_group_allowed(const LvmOptions &options, std::string_view group) {
    if (!options.is_enabled)
        return false;
    const std::string prefix = std::string(group) + "/";
    return !options.names_anything() || std::ranges::contains(options.groups, group) ||
           std::ranges::any_of(options.volumes, [&](const std::string &volume) {
               return volume.starts_with(prefix);
           });
}

Choice choose_volumes(const VolumeGroup &group, const LvmOptions &options,
                      const std::vector<std::string_view> &wanted) {
    if (options.names_anything()) {
        Choice choice = volumes_of_options(group, options);
        note_left_out(choice, group, wanted);
        return choice;
    }
    Choice named;
    bool may_be_any = options.is_automatic;
    for (const std::string_view reference : wanted) {
        if (const LogicalVolume *volume = find_by_path(group, reference))
            add_named(named, *volume);
        else
            may_be_any = may_be_any || !is_hardware_path(reference);
    }
    if (!may_be_any && !named.volumes.empty())
        return named;
    Choice choice = all_volumes(group);
    for (const std::string &name : named.volumes)
        add(choice.volumes, name);
    choice.includes_skipped = named.includes_skipped;
    return choice;
}

} // namespace slipway::lvm
