// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fs/early_mount.h"
#include "fs/fstab.h"

namespace slipway::fs {

// What the root's fstab is read with.
struct FstabPolicy {
    bool is_usr_writable = false; // of ro and rw on the command line: they are for /usr as for /
    // Mount points below the root that the kernel command line provides already.
    std::vector<std::string> taken;
};

struct FstabPlan {
    std::vector<EarlyMount> mounts;
    std::vector<std::string> problems; // "<file>:<line>: …", each with what happens instead
};

// Which entries are for the initrd: /usr, and those with x-initrd.mount. The rest is the host's.
// `file` stands in the problems.
[[nodiscard]] FstabPlan plan_fstab(std::string_view file, const Fstab &fstab,
                                   const FstabPolicy &policy);

} // namespace slipway::fs
