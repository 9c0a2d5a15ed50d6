// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "sim/explorer/machine.h"
#include "sim/explorer/weights.h"

namespace slipway::sim {

// The same seed and weights give the same machine.
[[nodiscard]] Machine make_machine(std::uint64_t seed, const Weights &weights);

} // namespace slipway::sim
