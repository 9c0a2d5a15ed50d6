// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace slipway::coldplug {

// The devices that the kernel knows already.
class UdevBackend {
public:
    UdevBackend() = default;
    UdevBackend(const UdevBackend &) = delete;
    UdevBackend &operator=(const UdevBackend &) = delete;
    UdevBackend(UdevBackend &&) = delete;
    UdevBackend &operator=(UdevBackend &&) = delete;
    virtual ~UdevBackend() = default;

    // Syspaths, parents before children: devices that wait for a driver (a modalias and no driver),
    // and the devices of `subsystems`.
    [[nodiscard]] virtual Result<std::vector<std::string>>
    list(const std::vector<std::string> &subsystems) = 0;
    // Makes the kernel announce the device again (Documentation/ABI/testing/sysfs-uevent).
    [[nodiscard]] virtual Result<> trigger(const std::string &syspath) = 0;
};

} // namespace slipway::coldplug
