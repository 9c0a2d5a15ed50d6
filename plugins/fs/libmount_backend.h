// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "fs/mount_backend.h"

namespace slipway::fs {

// Through libmount; no fstab, no mtab, no helper programs.
[[nodiscard]] std::unique_ptr<MountBackend> make_libmount_backend();

} // namespace slipway::fs
