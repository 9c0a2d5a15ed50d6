// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::lvm {

struct PhysicalVolume {
    std::string uuid;
    std::string node; // "[unknown]" if it is missing
    bool is_missing = false;
    std::string last_node; // of a missing one: where lvm saw it last; "" if it does not say
};

struct LogicalVolume {
    std::string name;        // "root"
    std::string mapper_path; // "/dev/mapper/vg0-root", dashes doubled
    // Words of lv_role, lv_layout and lv_modules, see lvs(8) and `lvm lvs -o help`.
    std::vector<std::string> roles;
    std::vector<std::string> layouts;
    std::vector<std::string> modules; // targets of the device mapper besides linear and striped
    std::string pool;                 // of thin and VDO volumes
    bool is_partial = false;          // it lacks physical volumes
    bool is_skipped = false;          // flagged to be left out of activation

    // Does it hold data that a goal may need, and does it come up on its own? Pools do not, and
    // snapshots that are no thin volumes come with their origin.
    [[nodiscard]] bool is_activatable() const noexcept {
        return std::ranges::contains(roles, "public") &&
               !std::ranges::contains(roles, "thicksnapshot") && !is_skipped;
    }
};

struct VolumeGroup {
    std::string name;
    std::string uuid;
    unsigned pv_count = 0; // as the metadata says, missing ones included
    std::vector<PhysicalVolume> physical_volumes;
    std::vector<LogicalVolume> logical_volumes;
    std::string system_id{}; // of the machine that owns it, lvmsystemid(7); mostly ""

    [[nodiscard]] std::string link_path(const LogicalVolume &volume) const {
        return "/dev/" + name + "/" + volume.name;
    }
    // Nothing: there is no volume of this name.
    [[nodiscard]] const LogicalVolume *find(std::string_view volume) const;
};

struct Report {
    std::vector<VolumeGroup> groups;
    std::vector<std::string> strays;   // nodes that belong to a group which nothing describes
    std::vector<std::string> warnings; // of lvm, in its words and order, without "WARNING: "
};

// The output of `lvm fullreport --reportformat json`. Bounded: at most 64 groups of 4096 volumes
// each, and 64 warnings.
[[nodiscard]] Result<Report> parse_report(std::string_view json);

} // namespace slipway::lvm
