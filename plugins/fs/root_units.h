// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "fs/root_options.h"

namespace slipway::fs {

// The units of the root in TOML (docs/units.md): fsck-sysroot and sysroot; with rootfallback= a
// target sysroot with the alternatives sysroot-main, sysroot-fallback, …; with rd.overlay all that
// under the name sysroot-lower, and sysroot on top of it; what the command line mounts besides; and
// sysroot-fstab, which reads the root's fstab once the root is there.
[[nodiscard]] std::string write_root_units(const RootOptions &root);

} // namespace slipway::fs
