// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>
#include <string>

#include "fs/check_policy.h"
#include "fs/early_mount.h"

namespace slipway::fs {

// When the units are written: before the root is there, or when its fstab has been read.
enum class MountStage { before_fstab, from_fstab };

// The units in TOML (docs/units.md): a check if wanted, and the mount. A mount below another comes
// after it. `taken`: mount points of the root that others have defined.
[[nodiscard]] std::string write_mount_units(std::span<const EarlyMount> mounts,
                                            std::span<const std::string> taken, MountStage stage,
                                            const CheckPolicy &policy);

} // namespace slipway::fs
