// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sysfs.h"

namespace slipway::coldplug {

// What sysfs says about a block device. Reading it opens no device node.
struct BlockDevice {
    std::string syspath;               // "/sys/devices/…/block/vda/vda1"
    std::string name;                  // "vda1"
    std::string disk_syspath;          // of the whole disk; its own for a disk
    std::optional<unsigned> partition; // number; nothing: a whole disk
    bool spans_disk = false; // a partition that the kernel marks as the whole disk ("whole_disk")
    std::uint64_t size_bytes = 0;
    bool is_read_only = false;
    std::string diskseq;
    bool is_suspended = false; // dm
    bool is_loop_without_file = false;
    std::string array_state; // md; empty: no array
    std::string dm_name;     // empty: no dm device
    std::string dm_uuid;
    bool is_snapshot = false; // of a logical volume, with what differs in a volume of its own

    [[nodiscard]] bool is_dm() const noexcept { return !dm_name.empty(); }
    [[nodiscard]] std::string disk_name() const { return base_name(disk_syspath); }
};

[[nodiscard]] BlockDevice read_block_device(const Sysfs &sysfs, const std::string &syspath);

enum class Readiness : std::uint8_t {
    ignored,   // never opened: probing would hang or is useless
    not_ready, // no content now; the kernel announces when there is some
    ready,
};

// Decides before the node is opened.
[[nodiscard]] Readiness readiness_of(const BlockDevice &device);

// A drive whose medium has to be there before it is probed.
[[nodiscard]] bool is_optical(const BlockDevice &device) noexcept;

} // namespace slipway::coldplug
