// SPDX-License-Identifier: LGPL-2.1-or-later
// The superblock that a disk of anybody shows as its first btrfs one.
#include "btrfs/superblock.h"
#include "fuzz/input.h"
#include "fuzz/require.h"

using namespace slipway;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto found = btrfs::parse_superblock(std::as_bytes(std::span(data, size)));
    if (!found) {
        require(!found.error().message().empty(), "what is wrong is said");
        return 0;
    }
    require(size >= btrfs::kSuperblockBytes, "a part of one is none");
    require(found->fs_uuid.size() == 36 && found->device_uuid.size() == 36, "UUIDs are whole");
    require(found->num_devices >= 1 && found->num_devices <= 65536, "devices can be counted");
    require(found->device_id >= 1, "devices are numbered from 1");
    require(found->label.size() <= 256 && found->label.find('\0') == std::string::npos,
            "a label ends where it ends", found->label);
    return 0;
}
