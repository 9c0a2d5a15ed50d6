// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <linux/btrfs_tree.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace slipway::test {

static_assert(std::endian::native == std::endian::little, "the fields below are little endian");

// A superblock as the kernel's header lays it out: what is read by offsets is written by names.
class SuperblockImage {
public:
    explicit SuperblockImage(std::uint64_t device = 1, std::uint64_t num_devices = 2,
                             std::uint64_t generation = 10) {
        raw.bytenr = 65536;
        raw.magic = 0x4D5F53665248425FULL; // "_BHRfS_M"
        raw.generation = generation;
        raw.num_devices = num_devices;
        raw.dev_item.devid = device;
        fill(raw.fsid, 0xAB);
        fill(raw.dev_item.fsid, 0xAB);
        fill(raw.dev_item.uuid, static_cast<std::uint8_t>(device));
    }

    static void fill(__u8 (&uuid)[16], std::uint8_t value) { std::ranges::fill(uuid, value); }
    SuperblockImage &label(std::string_view text) {
        std::memcpy(raw.label, text.data(), std::min(text.size(), sizeof(raw.label)));
        return *this;
    }
    [[nodiscard]] std::vector<std::byte> bytes() const {
        std::vector<std::byte> result(sizeof(raw));
        std::memcpy(result.data(), &raw, sizeof(raw));
        return result;
    }

    btrfs_super_block raw{};
};

inline constexpr std::string_view kFsUuid = "abababab-abab-abab-abab-abababababab";

} // namespace slipway::test
