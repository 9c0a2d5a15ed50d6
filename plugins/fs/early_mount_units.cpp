// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/early_mount_units.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "fs/unit_text.h"

namespace slipway::fs {

namespace {

// "/usr" is above "/usr/local", and above itself.
bool is_above(std::string_view upper, std::string_view path) {
    return path == upper ||
           (path.starts_with(upper) && path.size() > upper.size() && path[upper.size()] == '/');
}

// The nearest mount point above `path`, or at it if `path` is not that of a mount itself.
void add_above(std::string_view path, std::string_view self, std::span<const std::string> points,
               std::vector<std::string> &names) {
    const std::string *nearest = nullptr;
    for (const std::string &point : points) {
        if (point != self && is_above(point, path) &&
            (nearest == nullptr || nearest->size() < point.size()))
            nearest = &point;
    }
    if (nearest == nullptr)
        return;
    if (std::string name = mount_unit_name("sysroot", *nearest);
        !std::ranges::contains(names, name))
        names.push_back(std::move(name));
}

std::vector<std::string> needs_of(const EarlyMount &mount, std::span<const std::string> points) {
    if (!mount.is_in_root)
        return {};
    std::vector<std::string> names = {"sysroot"};
    add_above(mount.where, mount.where, points, names);
    if (mount.is_bind)
        add_above(mount.source, mount.where, points, names);
    for (const std::string &path : mount.needed_paths)
        add_above(path, mount.where, points, names);
    return names;
}

// What fstab may still mount above a mount of the command line comes first. The job that reads
// fstab adds its units in the step in which it ends, so that both orders hold.
std::vector<std::string> later_points(const EarlyMount &mount) {
    std::vector<std::string> names;
    for (std::size_t slash = mount.where.find('/', 1); slash != std::string::npos;
         slash = mount.where.find('/', slash + 1))
        names.push_back(mount_unit_name("sysroot", mount.where.substr(0, slash)));
    if (!names.empty())
        names.emplace_back("sysroot-fstab");
    return names;
}

std::string title_of(const EarlyMount &mount) {
    return mount.where + " from " + (mount.device.empty() ? mount.source : mount.device);
}

void add_device(UnitText &unit, const EarlyMount &mount) {
    if (mount.device.empty())
        return;
    unit.text("device", mount.device);
    if (mount.device_timeout)
        unit.text("device_timeout", *mount.device_timeout);
    unit.flag("writes"); // even a read-only mount, when it replays a journal
}

std::string write_check_unit(const EarlyMount &mount, const std::string &name,
                             const CheckPolicy &policy) {
    UnitText unit(name, "job", "Check the file system of " + title_of(mount));
    add_device(unit, mount);
    // Started by its mount only. A check takes as long as it takes.
    unit.text("wanted", "never").text("timeout", "24h");
    return std::move(unit).params({{"operation", "check"},
                                   {"types", join(mount.types, ",")},
                                   {"mode", name_of(policy.mode)},
                                   {"repair", name_of(policy.repair)},
                                   {"marker", mount.where == "/usr" ? "fsck-usr" : ""}});
}

std::string write_mount_unit(const EarlyMount &mount, std::span<const std::string> points,
                             MountStage stage, const CheckPolicy &policy) {
    const std::string name = mount.unit_name();
    std::vector<std::string> needs = needs_of(mount, points);
    std::string toml;
    if (mount.wants_check) {
        needs.push_back("fsck-" + name);
        toml = write_check_unit(mount, needs.back(), policy);
    }
    UnitText unit(name, "mount", "Mount " + title_of(mount));
    add_device(unit, mount);
    unit.list("requires", needs);
    if (stage == MountStage::before_fstab && mount.is_in_root)
        unit.list("after", later_points(mount));
    if (mount.timeout)
        unit.text("timeout", *mount.timeout);
    if (!mount.may_fail)
        unit.flag("goal");
    unit.retry_while_busy();
    return toml + std::move(unit).params({{"operation", "mount"},
                                          {"types", join(mount.types, ",")},
                                          {"flags", mount.flags},
                                          {"root", mount.is_in_root ? "/sysroot" : ""},
                                          {"target", mount.where},
                                          {"bind", mount.is_bind ? mount.source : ""},
                                          {"source", mount.is_bind ? "" : mount.source}});
}

} // namespace

std::string write_mount_units(std::span<const EarlyMount> mounts,
                              std::span<const std::string> taken, MountStage stage,
                              const CheckPolicy &policy) {
    std::vector<std::string> points(taken.begin(), taken.end());
    for (const EarlyMount &mount : mounts) {
        if (mount.is_in_root)
            points.push_back(mount.where);
    }
    std::string toml;
    for (const EarlyMount &mount : mounts)
        toml += write_mount_unit(mount, points, stage, policy);
    return toml;
}

} // namespace slipway::fs
