// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/ext_superblock.h"

#include <format>

namespace slipway::fs {

namespace {

constexpr std::uint16_t kMagic = 0xEF53;
constexpr std::uint16_t kStateClean = 0x0001;
constexpr std::uint16_t kStateErrors = 0x0002;
constexpr std::uint32_t kIncompatibleRecover = 0x0004;
constexpr std::uint32_t kReadOnlyMetadataChecksum = 0x0400;
constexpr std::uint32_t kReadOnlyOrphanPresent = 0x10000;
constexpr std::size_t kChecksumOffset = 0x3FC;

// Superblock fields are little endian and need not be aligned here.
template <class T>
T field(std::span<const std::byte> bytes, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value |= std::to_integer<std::uint32_t>(bytes[offset + i]) << (8U * i);
    return static_cast<T>(value);
}

// CRC32c (Castagnoli), reflected, start value ~0, without a final inversion: as ext4 uses it.
std::uint32_t crc32c(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::byte byte : bytes) {
        crc ^= std::to_integer<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    }
    return crc;
}

} // namespace

std::optional<ExtSuperblock> ExtSuperblock::parse(std::span<const std::byte> bytes) {
    if (bytes.size() < kBytes || field<std::uint16_t>(bytes, 0x38) != kMagic)
        return std::nullopt;
    ExtSuperblock block;
    block.mount_count_ = field<std::uint16_t>(bytes, 0x34);
    block.max_mount_count_ = field<std::int16_t>(bytes, 0x36);
    block.state_ = field<std::uint16_t>(bytes, 0x3A);
    block.last_check_ = field<std::uint32_t>(bytes, 0x40);
    block.check_interval_ = field<std::uint32_t>(bytes, 0x44);
    block.incompatible_ = field<std::uint32_t>(bytes, 0x60);
    block.read_only_compatible_ = field<std::uint32_t>(bytes, 0x64);
    block.last_orphan_ = field<std::uint32_t>(bytes, 0xE8);
    if ((block.read_only_compatible_ & kReadOnlyMetadataChecksum) != 0 &&
        crc32c(bytes.first(kChecksumOffset)) != field<std::uint32_t>(bytes, kChecksumOffset))
        return std::nullopt;
    return block;
}

std::string ExtSuperblock::reason_beside_journal(std::int64_t now) const {
    if ((state_ & kStateErrors) != 0)
        return "contains a file system with errors";
    if ((state_ & kStateClean) == 0)
        return "was not cleanly unmounted";
    if (last_orphan_ != 0 || (read_only_compatible_ & kReadOnlyOrphanPresent) != 0)
        return "has deleted files that are still to be released";
    if (max_mount_count_ > 0 && mount_count_ >= max_mount_count_)
        return std::format("was mounted {} times without a check", mount_count_);
    if (check_interval_ != 0 && std::int64_t{last_check_} + check_interval_ <= now)
        return std::format("was not checked for {} days", (now - last_check_) / 86400);
    return {};
}

std::string ExtSuperblock::reason_to_check(std::int64_t now) const {
    if ((incompatible_ & kIncompatibleRecover) != 0)
        return "has a journal that wants to be replayed";
    return reason_beside_journal(now);
}

bool ExtSuperblock::only_needs_journal_replay(std::int64_t now) const {
    return (incompatible_ & kIncompatibleRecover) != 0 && (state_ & kStateErrors) == 0 &&
           (max_mount_count_ <= 0 || mount_count_ < max_mount_count_) &&
           (check_interval_ == 0 || std::int64_t{last_check_} + check_interval_ > now);
}

} // namespace slipway::fs
