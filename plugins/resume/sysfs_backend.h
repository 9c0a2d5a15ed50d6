// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "resume/power_backend.h"

namespace slipway::resume {

// Through /sys/power and /dev/kmsg below `root` ("" at boot).
[[nodiscard]] std::unique_ptr<PowerBackend> make_sysfs_backend(std::string root = {});

} // namespace slipway::resume
