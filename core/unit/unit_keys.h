// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>

#include "unit/toml_reader.h"
#include "unit/unit.h"

// The keys of unit files (docs/units.md), one row each: to add a key, add a row. `copy` is there
// for the keys that a drop-in may set.
namespace slipway {

[[nodiscard]] std::span<const TomlKey<Unit>> unit_keys();
[[nodiscard]] std::span<const TomlKey<Claim>> claim_keys();
[[nodiscard]] std::span<const TomlKey<OptionSpec>> option_keys();
[[nodiscard]] std::span<const TomlKey<Breakpoint>> break_keys();
[[nodiscard]] std::span<const TomlKey<PluginSpec>> plugin_keys();

} // namespace slipway
