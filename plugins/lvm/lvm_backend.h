// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lvm/lvm_report.h"

namespace slipway::lvm {

// What this plugin wants from LVM. Only the given devices are looked at.
class LvmBackend {
public:
    LvmBackend() = default;
    LvmBackend(const LvmBackend &) = delete;
    LvmBackend &operator=(const LvmBackend &) = delete;
    LvmBackend(LvmBackend &&) = delete;
    LvmBackend &operator=(LvmBackend &&) = delete;
    virtual ~LvmBackend() = default;

    // The groups that these devices belong to, also those of which other devices are missing.
    [[nodiscard]] virtual Result<std::vector<VolumeGroup>>
    report(const std::vector<std::string> &devices) = 0;
    // `volumes` as "<group>/<volume>". Degraded: RAID volumes may start with missing members.
    [[nodiscard]] virtual Result<> activate(const std::vector<std::string> &volumes,
                                            const std::vector<std::string> &devices,
                                            bool is_degraded) = 0;
    // Is there a node or link at `path`?
    [[nodiscard]] virtual bool exists(const std::string &path) = 0;
};

} // namespace slipway::lvm
