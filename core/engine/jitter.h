// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/clock.h"

namespace slipway {

// A pause with a part that differs from machine to machine, so that those which were powered on
// together do not ask a server in step: `pause` ± a half of it, evenly spread. The same arguments
// give the same pause, which a replay needs. `seed` 0: the pause as it is.
[[nodiscard]] Duration with_jitter(Duration pause, std::uint64_t seed, std::string_view unit,
                                   unsigned attempt) noexcept;

// A number out of a text that no two machines or boots share (FNV-1a); never 0.
[[nodiscard]] std::uint64_t seed_of(std::string_view text) noexcept;

} // namespace slipway
