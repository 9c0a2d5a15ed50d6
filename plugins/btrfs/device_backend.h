// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace slipway::btrfs {

// What this plugin wants from devices and from the kernel.
class DeviceBackend {
public:
    DeviceBackend() = default;
    DeviceBackend(const DeviceBackend &) = delete;
    DeviceBackend &operator=(const DeviceBackend &) = delete;
    DeviceBackend(DeviceBackend &&) = delete;
    DeviceBackend &operator=(DeviceBackend &&) = delete;
    virtual ~DeviceBackend() = default;

    // The bytes where the superblock lies, read in one go. A shorter device is an error.
    [[nodiscard]] virtual Result<std::vector<std::byte>>
    read_superblock(const std::string &devnode) = 0;
    // Tells the kernel of a device, so that a mount of another one finds it. Writes nothing; may be
    // repeated.
    [[nodiscard]] virtual Result<> register_device(const std::string &devnode) = 0;
    // Does the kernel know all devices of the file system that this one belongs to?
    [[nodiscard]] virtual Result<bool> is_ready(const std::string &devnode) = 0;
};

} // namespace slipway::btrfs
