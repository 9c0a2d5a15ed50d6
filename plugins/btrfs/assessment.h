// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "btrfs/superblock.h"

namespace slipway::btrfs {

// A device with the UUID of the file system.
struct Member {
    std::string syspath;
    std::string devnode;
    Superblock superblock;
};

// What the superblocks of all devices that are there say together.
struct Assessment {
    std::string name;              // label, or UUID
    std::uint64_t num_devices = 0; // that the file system has now
    std::vector<Member> members;   // to be registered, by device number
    std::vector<Member> left_out;  // of an older state, and all places are taken
    std::uint64_t missing = 0; // devices that are certainly not there, or only in an older state
    std::string problem;       // not empty: nothing may be registered

    [[nodiscard]] bool is_complete() const noexcept { return missing == 0; }
};

// The newest superblock says how many devices there are. A commit is written to all of them, so
// that one with an older generation was away meanwhile: it may be a member that has missed
// something, or one that has been removed or replaced while it was away, which nothing on it tells.
// It counts for nothing: when the up-to-date devices are all, it is left out; if not, it is
// registered, and a device still counts as missing.
[[nodiscard]] Assessment assess(std::vector<Member> members);

// "device 1 /dev/vda, device 3 /dev/vdc (older state)".
[[nodiscard]] std::string describe(const Assessment &assessment);

} // namespace slipway::btrfs
