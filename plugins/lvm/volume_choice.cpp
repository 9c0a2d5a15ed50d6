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
    if (std::ranges::contains(options.groups, group.name))
        return all_volumes(group);
    Choice choice;
    for (const std::string &name : options.volumes) {
        if (!name.starts_with(group.name + "/"))
            continue;
        const std::string volume = name.substr(group.name.size() + 1);
        const bool is_known =
            std::ranges::contains(group.logical_volumes, volume, &LogicalVolume::name);
        add(is_known ? choice.volumes : choice.unknown, is_known ? volume : name);
    }
    return choice;
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
    if (options.names_anything())
        return volumes_of_options(group, options);
    if (options.is_automatic)
        return all_volumes(group);
    Choice choice;
    for (const std::string_view reference : wanted) {
        if (const LogicalVolume *volume = find_by_path(group, reference))
            add(choice.volumes, volume->name);
        else if (!is_hardware_path(reference))
            return all_volumes(group);
    }
    return choice.volumes.empty() ? all_volumes(group) : choice;
}

} // namespace slipway::lvm
