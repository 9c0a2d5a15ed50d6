// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::lvm {

struct PhysicalVolume {
    std::string uuid;
    std::string node; // "[unknown]" if it is missing
    bool is_missing = false;
};

struct LogicalVolume {
    std::string name;        // "root"
    std::string mapper_path; // "/dev/mapper/vg0-root", dashes doubled
    std::string attributes;  // lv_attr, lvs(8)
    bool is_skipped = false; // flagged to be left out of activation

    // Does it hold data that a goal may need, and does it come up on its own? Pools do not, and
    // snapshots come with their origin.
    [[nodiscard]] bool is_activatable() const noexcept;
    // Linear or striped: the device mapper's core does it, without another module.
    [[nodiscard]] bool is_plain() const noexcept { return attributes.starts_with('-'); }
};

struct VolumeGroup {
    std::string name;
    std::string uuid;
    unsigned pv_count = 0; // as the metadata says, missing ones included
    std::vector<PhysicalVolume> physical_volumes;
    std::vector<LogicalVolume> logical_volumes;

    [[nodiscard]] std::string link_path(const LogicalVolume &volume) const {
        return "/dev/" + name + "/" + volume.name;
    }
};

// The output of `lvm fullreport --reportformat json`. The groups it describes; physical volumes
// that belong to no group are left out. Bounded: at most 64 groups of 4096 volumes each.
[[nodiscard]] Result<std::vector<VolumeGroup>> parse_report(std::string_view json);

} // namespace slipway::lvm
