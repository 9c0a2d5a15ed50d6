// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "unit/unit.h"

namespace slipway {

// What one file alone cannot show: units that nothing defines, plugins that do not exist or speak
// another version of the interface, cycles (named by their full path). All problems, in a stable
// order.
[[nodiscard]] std::vector<UnitProblem> verify_units(const UnitSet &set);

} // namespace slipway
