// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/segment_modules.h"

#include <array>

#include "base/text.h"

namespace slipway::lvm {

namespace {

void add(std::vector<std::string> &modules, std::string_view module) {
    if (!std::ranges::contains(modules, module))
        modules.emplace_back(module);
}

// Where the module is not named like the target, or does not do alone.
struct TargetModule {
    std::string_view target;
    std::string_view module;
};
constexpr std::array kTargetModules = {
    TargetModule{"thin", "dm_thin_pool"},           TargetModule{"cache", "dm_cache"},
    TargetModule{"cache", "dm_cache_smq"}, // the policy, which dm_cache asks for by name
    TargetModule{"snapshot-origin", "dm_snapshot"}, TargetModule{"snapshot-merge", "dm_snapshot"},
};

void add_target(std::vector<std::string> &modules, const std::string &target) {
    bool is_known = false;
    for (const TargetModule &row : kTargetModules) {
        if (row.target != target)
            continue;
        is_known = true;
        add(modules, row.module);
    }
    if (is_known)
        return;
    std::string module = "dm_" + target;
    std::ranges::replace(module, '-', '_');
    add(modules, module);
}

// dm_raid asks for the personality of each level by name. raid4, raid5 and raid6 share the module
// that dm_raid itself depends on.
constexpr std::array<std::string_view, 3> kPersonalities = {"raid0", "raid1", "raid10"};

void add_personalities(std::vector<std::string> &modules, const LogicalVolume &volume) {
    const auto has = [&volume](std::string_view layout) {
        return std::ranges::contains(volume.layouts, layout);
    };
    // A RAID below a cache or a pool does not tell its level here.
    const bool is_hidden = !has("raid");
    for (const std::string_view level : kPersonalities) {
        if (is_hidden || has(level) || (level == "raid0" && has("raid0_meta")))
            add(modules, level);
    }
    add(modules, "raid456");
}

} // namespace

std::vector<std::string> modules_of(const VolumeGroup &group,
                                    const std::vector<std::string> &volumes) {
    std::vector<std::string> modules;
    const auto add_volume = [&](const LogicalVolume &volume) {
        if (std::ranges::contains(volume.modules, "raid"))
            add_personalities(modules, volume);
        for (const std::string &target : volume.modules)
            add_target(modules, target);
    };
    for (const std::string &name : volumes) {
        const LogicalVolume *volume = group.find(name);
        if (volume == nullptr)
            continue;
        // What a pool lies on is said of the pool only.
        if (const LogicalVolume *pool = group.find(volume->pool))
            add_volume(*pool);
        add_volume(*volume);
    }
    return modules;
}

} // namespace slipway::lvm
