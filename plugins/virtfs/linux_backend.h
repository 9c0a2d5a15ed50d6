// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "virtfs/virtfs_backend.h"

namespace slipway::virtfs {

// `sysfs` and `proc`: where these file systems are mounted. Syspaths begin with `sysfs`.
[[nodiscard]] std::unique_ptr<VirtfsBackend> make_linux_backend(std::string sysfs = "/sys",
                                                                std::string proc = "/proc");

} // namespace slipway::virtfs
