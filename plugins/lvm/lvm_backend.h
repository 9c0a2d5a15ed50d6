// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lvm/lvm_report.h"

namespace slipway::lvm {

struct ActivationRequest {
    std::vector<std::string> volumes; // "<group>/<volume>"
    std::vector<std::string> devices; // nothing else is looked at
    bool is_degraded = false;         // RAID volumes may start with missing members
    bool includes_skipped = false;    // also volumes that are flagged to be left out
    std::string system_id{};          // what this machine is called by lvm; "": as lvm.conf says
};

// What this plugin wants from LVM.
class LvmBackend {
public:
    LvmBackend() = default;
    LvmBackend(const LvmBackend &) = delete;
    LvmBackend &operator=(const LvmBackend &) = delete;
    LvmBackend(LvmBackend &&) = delete;
    LvmBackend &operator=(LvmBackend &&) = delete;
    virtual ~LvmBackend() = default;

    // The groups that these devices belong to, also those of which other devices are missing.
    [[nodiscard]] virtual Result<Report> report(const std::vector<std::string> &devices) = 0;
    [[nodiscard]] virtual Result<> activate(const ActivationRequest &request) = 0;
    // Is there a node or link at `path`?
    [[nodiscard]] virtual bool exists(const std::string &path) = 0;
    // The node of the physical volume with this UUID, if there is a device that has it.
    [[nodiscard]] virtual std::optional<std::string> find_device(const std::string &uuid) = 0;
    // The host name of the installed system, as the image knows it; "": it does not.
    [[nodiscard]] virtual std::string host_name() = 0;
};

} // namespace slipway::lvm
