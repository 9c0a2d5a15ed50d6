// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.h"

namespace slipway::nfs {

// NfsBackend::identify(), in the sysfs that is mounted at `sysfs`.
[[nodiscard]] Result<> identify_client(const std::string &sysfs, const std::string &identity);

} // namespace slipway::nfs
