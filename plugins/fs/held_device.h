// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fs/mount_backend.h"

namespace slipway::fs {

// MountBackend::hold() by libblkid, which libmount brings along. Reads the superblock of this one
// type only. Of a type that libblkid does not know nothing can be told: that is the error ENOTSUP.
[[nodiscard]] Result<HeldDevice> hold_device(const std::string &devnode, std::string_view type);

} // namespace slipway::fs
