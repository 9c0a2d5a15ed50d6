// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace slipway::fs {

// The block device of the file system at `path`, as "<major>:<minor>": the number of its files, or
// what btrfs says about itself. Nothing: it is on none, or on several.
[[nodiscard]] std::optional<std::string> backing_device(const std::string &path,
                                                        const std::string &sysfs);

// As systemd follows /run/systemd/volatile-root: of a device that is made of exactly one other,
// such as an unlocked volume, it means that other one.
[[nodiscard]] std::string originating_device(const std::string &number, const std::string &sysfs);

} // namespace slipway::fs
