// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace slipway::net {

// Writes options of a bond that has no ports yet into its directory in sysfs, in the order that the
// kernel needs: `mode` first, since it decides which others there are. Several values of one option
// are separated by commas. Errors name the option and the accepted form; all options are tried.
// (kernel: Documentation/networking/bonding.rst)
[[nodiscard]] Result<>
write_bond_options(const std::string &directory,
                   const std::vector<std::pair<std::string, std::string>> &options);

} // namespace slipway::net
