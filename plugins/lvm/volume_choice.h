// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lvm/lvm_report.h"

namespace slipway::lvm {

// rd.lvm=, rd.auto=, rd.lvm.vg=, rd.lvm.lv=
struct LvmOptions {
    bool is_enabled = true;
    std::vector<std::string> groups;  // "vg0"
    std::vector<std::string> volumes; // "vg0/root"
    bool is_automatic = false;        // all, unless groups or volumes are named

    [[nodiscard]] bool names_anything() const noexcept {
        return !groups.empty() || !volumes.empty();
    }
};

// May this group be assembled at all, as far as the kernel command line is concerned?
[[nodiscard]] bool is_group_allowed(const LvmOptions &options, std::string_view group);

struct Choice {
    std::vector<std::string> volumes; // names within the group, without duplicates
    std::vector<std::string> unknown; // named by an option, but not in the group
    // Paths that goals wait for and the options leave out.
    std::vector<std::string> left_out;
    // One of `volumes` is flagged to be left out of activation, and was named all the same.
    bool includes_skipped = false;
};

// Which volumes of `group` are activated. Named by options: those. With rd.auto: all. Otherwise, if
// each of `wanted` (device references that goals still wait for) that could lie in this group is a
// path of one of its volumes: those; if not (UUID=, or a path of another layer): all of them, since
// any may lead to it.
[[nodiscard]] Choice choose_volumes(const VolumeGroup &group, const LvmOptions &options,
                                    const std::vector<std::string_view> &wanted);

} // namespace slipway::lvm
