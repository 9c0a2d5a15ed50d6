// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/ext_superblock.h"

#include <gmock/gmock.h>

#include <vector>

namespace slipway::fs {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;

// A clean ext2 superblock without a checksum.
class Block {
public:
    Block() {
        set(0x38, 0xEF53, 2);
        set(0x3A, 1, 2);
        set(0x36, 0xFFFF, 2); // no limit
        set(0x40, static_cast<std::uint32_t>(kNow), 4);
    }
    Block &set(std::size_t offset, std::uint32_t value, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i)
            bytes_[offset + i] = static_cast<std::byte>(value >> (8 * i));
        return *this;
    }
    [[nodiscard]] std::string reason() const {
        const auto block = ExtSuperblock::parse(bytes_);
        return block ? block->reason_to_check(kNow) : "not a superblock";
    }
    [[nodiscard]] const std::vector<std::byte> &bytes() const { return bytes_; }

private:
    std::vector<std::byte> bytes_ = std::vector<std::byte>(ExtSuperblock::kBytes);
};

TEST(ExtSuperblock, ACleanFileSystemNeedsNoCheck) {
    EXPECT_EQ(Block().reason(), "");
}

TEST(ExtSuperblock, RefusesShortInputAndOtherMagic) {
    const Block block;
    EXPECT_FALSE(ExtSuperblock::parse(std::span(block.bytes()).first(1023)));
    EXPECT_FALSE(ExtSuperblock::parse({}));
    EXPECT_EQ(Block().set(0x38, 0xEF54, 2).reason(), "not a superblock");
}

TEST(ExtSuperblock, RefusesAWrongChecksum) {
    EXPECT_EQ(Block().set(0x64, 0x400, 4).reason(), "not a superblock");
}

TEST(ExtSuperblock, AcceptsARightChecksum) {
    // CRC32c of this very block, computed by the definition that e2fsprogs uses.
    Block block;
    block.set(0x64, 0x400, 4).set(0x3FC, 0x00000000, 4);
    std::uint32_t crc = 0xFFFFFFFF;
    for (std::size_t i = 0; i < 0x3FC; ++i) {
        crc ^= std::to_integer<std::uint32_t>(block.bytes()[i]);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
    }
    EXPECT_EQ(block.set(0x3FC, crc, 4).reason(), "");
}

TEST(ExtSuperblock, RecordedErrorsAskForACheck) {
    EXPECT_THAT(Block().set(0x3A, 3, 2).reason(), HasSubstr("errors"));
}

TEST(ExtSuperblock, AnUncleanUnmountAsksForACheck) {
    EXPECT_THAT(Block().set(0x3A, 0, 2).reason(), HasSubstr("not cleanly"));
}

TEST(ExtSuperblock, AJournalToReplayIsKnownAsSuch) {
    Block block;
    block.set(0x60, 0x4, 4);
    EXPECT_THAT(block.reason(), HasSubstr("journal"));
    EXPECT_TRUE(ExtSuperblock::parse(block.bytes())->only_needs_journal_replay(kNow));
    block.set(0x3A, 3, 2);
    EXPECT_FALSE(ExtSuperblock::parse(block.bytes())->only_needs_journal_replay(kNow));
}

TEST(ExtSuperblock, OrphansAskForACheck) {
    EXPECT_THAT(Block().set(0xE8, 12, 4).reason(), HasSubstr("deleted files"));
    EXPECT_THAT(Block().set(0x64, 0x10000, 4).reason(), HasSubstr("deleted files"));
}

TEST(ExtSuperblock, TheMountCountCountsUpToItsLimit) {
    EXPECT_EQ(Block().set(0x36, 20, 2).set(0x34, 19, 2).reason(), "");
    EXPECT_THAT(Block().set(0x36, 20, 2).set(0x34, 20, 2).reason(), HasSubstr("20 times"));
    EXPECT_EQ(Block().set(0x36, 0, 2).set(0x34, 9999, 2).reason(), "");
}

TEST(ExtSuperblock, TheIntervalCountsFromTheLastCheck) {
    const auto day_before = static_cast<std::uint32_t>(kNow - 86400);
    EXPECT_EQ(Block().set(0x40, day_before, 4).set(0x44, 86401, 4).reason(), "");
    EXPECT_THAT(Block().set(0x40, day_before, 4).set(0x44, 86400, 4).reason(), HasSubstr("1 days"));
    // A clock that stands before the last check (no battery) is no reason.
    EXPECT_EQ(Block().set(0x40, 0xFFFFFFF0U, 4).set(0x44, 86400, 4).reason(), "");
}

} // namespace
} // namespace slipway::fs
