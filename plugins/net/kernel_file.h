// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::net {

// Writes a value to a file of /proc/sys or /sys, which must exist.
[[nodiscard]] Result<> write_kernel_file(const std::string &path, std::string_view value);

} // namespace slipway::net
