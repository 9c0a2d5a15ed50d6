// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/superblock.h"

#include <algorithm>
#include <format>
#include <string_view>

namespace slipway::btrfs {

namespace {

// struct btrfs_super_block in linux/btrfs_tree.h; offsets in bytes.
constexpr std::size_t kFsUuid = 0x20;
constexpr std::size_t kAddress = 0x30;
constexpr std::size_t kMagic = 0x40;
constexpr std::size_t kGeneration = 0x48;
constexpr std::size_t kNumDevices = 0x88;
constexpr std::size_t kIncompatible = 0xbc;
constexpr std::size_t kDeviceId = 0xc9;
constexpr std::size_t kDeviceUuid = 0x10b;
constexpr std::size_t kDeviceFsUuid = 0x11b;
constexpr std::size_t kLabel = 0x12b;
constexpr std::size_t kMetadataUuid = 0x23b;

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kLabelBytes = 256;
constexpr std::string_view kMagicText = "_BHRfS_M";
constexpr std::uint64_t kHasMetadataUuid = 1U << 10U; // BTRFS_FEATURE_INCOMPAT_METADATA_UUID
// More than the kernel can hold in one system chunk, and few enough to be counted.
constexpr std::uint64_t kMaxDevices = 65536;

std::string_view text_at(std::span<const std::byte> bytes, std::size_t offset, std::size_t count) {
    const auto part = bytes.subspan(offset, count);
    // Bytes may be looked at as characters.
    return {reinterpret_cast<const char *>(part.data()), part.size()};
}

// Little endian, not aligned.
std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t offset) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(value); ++i)
        value |= std::to_integer<std::uint64_t>(bytes[offset + i]) << (8U * i);
    return value;
}

std::string uuid_at(std::span<const std::byte> bytes, std::size_t offset) {
    std::string text;
    for (std::size_t i = 0; i < kUuidBytes; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += std::format("{:02x}", std::to_integer<unsigned>(bytes[offset + i]));
    }
    return text;
}

} // namespace

Result<Superblock> parse_superblock(std::span<const std::byte> bytes) {
    if (bytes.size() < kSuperblockBytes)
        return failure("the superblock is cut off");
    if (text_at(bytes, kMagic, kMagicText.size()) != kMagicText)
        return failure("there is no btrfs superblock");
    if (number_at(bytes, kAddress) != kSuperblockOffset)
        return failure("the superblock belongs to another place of the device");
    Superblock block;
    block.fs_uuid = uuid_at(bytes, kFsUuid);
    block.generation = number_at(bytes, kGeneration);
    block.num_devices = number_at(bytes, kNumDevices);
    block.device_id = number_at(bytes, kDeviceId);
    block.device_uuid = uuid_at(bytes, kDeviceUuid);
    const std::string_view label = text_at(bytes, kLabel, kLabelBytes);
    block.label = label.substr(0, label.find('\0'));
    if (block.num_devices == 0 || block.num_devices > kMaxDevices)
        return failure(std::format("the superblock speaks of {} devices", block.num_devices));
    if (block.device_id == 0)
        return failure("the superblock names no device");
    // btrfstune -m gives a new UUID to the file system; its trees keep the old one.
    const bool has_own = (number_at(bytes, kIncompatible) & kHasMetadataUuid) != 0;
    const auto expected = bytes.subspan(has_own ? kMetadataUuid : kFsUuid, kUuidBytes);
    if (!std::ranges::equal(expected, bytes.subspan(kDeviceFsUuid, kUuidBytes)))
        return failure("the superblock belongs to a device of another file system");
    return block;
}

} // namespace slipway::btrfs
