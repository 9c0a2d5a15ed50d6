// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace slipway::fs {

// The part of an ext2, ext3 or ext4 superblock that e2fsck looks at before it decides whether a
// check is due. Documentation/filesystems/ext4/super.rst.
class ExtSuperblock {
public:
    static constexpr std::size_t kOffset = 1024; // bytes from the start of the device
    static constexpr std::size_t kBytes = 1024;

    // Nothing if `bytes` is not such a superblock, or if its checksum is wrong.
    [[nodiscard]] static std::optional<ExtSuperblock> parse(std::span<const std::byte> bytes);

    // Why `e2fsck -p` would do more than say "clean" at time `now` (seconds since 1970), for
    // people: "was not cleanly unmounted". Empty: nothing is due. Differs from e2fsck on the
    // careful side: the comparison with the backup superblock, which e2fsck makes for old file
    // systems, is left to it.
    [[nodiscard]] std::string reason_to_check(std::int64_t now) const;

    // Nothing but the journal waits: mounting replays it.
    [[nodiscard]] bool only_needs_journal_replay(std::int64_t now) const;

private:
    [[nodiscard]] std::string reason_beside_journal(std::int64_t now) const;

    std::uint16_t state_ = 0;
    std::uint16_t mount_count_ = 0;
    std::int16_t max_mount_count_ = 0; // 0 or less: no limit
    std::uint32_t last_check_ = 0;     // seconds since 1970
    std::uint32_t check_interval_ = 0; // seconds; 0: no limit
    std::uint32_t last_orphan_ = 0;
    std::uint32_t incompatible_ = 0;
    std::uint32_t read_only_compatible_ = 0;
};

} // namespace slipway::fs
