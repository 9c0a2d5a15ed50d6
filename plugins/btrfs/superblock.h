// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace slipway::btrfs {

// Where the first copy lies, and how much of it is read: bytes from the start of the device. The
// kernel looks at this copy only when it scans.
inline constexpr std::size_t kSuperblockOffset = 65536;
inline constexpr std::size_t kSuperblockBytes = 4096;

// What a superblock says about its file system and about the device that it lies on.
struct Superblock {
    std::string fs_uuid;           // of the file system, the same on all its devices; lower case
    std::uint64_t generation = 0;  // grows with each commit, which writes it to all devices present
    std::uint64_t num_devices = 1; // of the file system when that was written
    std::uint64_t device_id = 0;   // number of this device in the file system; from 1
    std::string device_uuid;       // of this device
    std::string label;             // may be empty; not checked for control characters
};

// Fails with what is wrong with it. The checksum is not looked at: libblkid did, or the device
// would not be known as btrfs, and neither does the kernel when it scans.
[[nodiscard]] Result<Superblock> parse_superblock(std::span<const std::byte> bytes);

} // namespace slipway::btrfs
