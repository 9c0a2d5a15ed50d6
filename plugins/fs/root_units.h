// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "fs/root_options.h"

namespace slipway::fs {

// The units fsck-sysroot and sysroot in TOML (docs/units.md).
[[nodiscard]] std::string write_root_units(const RootOptions &root);

} // namespace slipway::fs
