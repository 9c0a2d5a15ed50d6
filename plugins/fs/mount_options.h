// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::fs {

// "a,b=\"x,y\",c" → words. A comma between double quotes does not split, see the options of SELinux
// in mount(8). Empty words are dropped.
[[nodiscard]] std::vector<std::string> split_mount_options(std::string_view text);

} // namespace slipway::fs
