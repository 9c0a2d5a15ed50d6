// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "btrfs/device_backend.h"

namespace slipway::btrfs {

// Through the ioctls of /dev/btrfs-control, which is there when the module btrfs is.
[[nodiscard]] std::unique_ptr<DeviceBackend> make_ioctl_backend();

} // namespace slipway::btrfs
