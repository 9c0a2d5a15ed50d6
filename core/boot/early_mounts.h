// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/system.h"

namespace slipway {

// The kernel's file systems, first of all: /proc, /sys, /dev with its links, /dev/pts, and efivarfs
// on a machine with EFI. What is mounted already stays as it is. Nothing here is fatal: there is no
// log yet, so the caller keeps the errors and logs them when there is one.
[[nodiscard]] std::vector<Error> mount_kernel_file_systems(System &system);

// /run, whose options the host keeps for its whole uptime (systemd leaves existing mounts alone).
// `size`: the value of initramfs.runsize= ("10%", "256M"); one that tmpfs(5) would refuse is an
// error, and the default of systemd, 20 %, is taken.
[[nodiscard]] std::vector<Error> mount_run(System &system, const std::optional<std::string> &size);

} // namespace slipway
