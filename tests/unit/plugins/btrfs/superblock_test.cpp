// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/superblock.h"

#include <gmock/gmock.h>

#include <functional>
#include <limits>
#include <span>

#include "unit/plugins/btrfs/superblock_image.h"

namespace slipway::btrfs {
namespace {

using test::SuperblockImage;
using ::testing::HasSubstr;

std::string problem_of(const std::vector<std::byte> &bytes) {
    const auto block = parse_superblock(bytes);
    return block ? "" : block.error().message();
}

TEST(BtrfsSuperblock, SaysWhichFileSystemAndWhichDeviceOfIt) {
    SuperblockImage image(3, 4, 77);
    image.label("data");
    const auto block = parse_superblock(image.bytes());
    ASSERT_TRUE(block) << block.error().message();
    EXPECT_EQ(block->fs_uuid, test::kFsUuid);
    EXPECT_EQ(block->generation, 77U);
    EXPECT_EQ(block->num_devices, 4U);
    EXPECT_EQ(block->device_id, 3U);
    EXPECT_EQ(block->device_uuid, "03030303-0303-0303-0303-030303030303");
    EXPECT_EQ(block->label, "data");
}

TEST(BtrfsSuperblock, ALabelMayFillItsField) {
    SuperblockImage image;
    image.label(std::string(300, 'x'));
    EXPECT_EQ(parse_superblock(image.bytes())->label, std::string(256, 'x'));
}

TEST(BtrfsSuperblock, OneThatIsCutOffIsRefused) {
    const auto bytes = SuperblockImage().bytes();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{64}, std::size_t{0x2ff}, kSuperblockBytes - 1}) {
        const auto block = parse_superblock(std::span(bytes).first(size));
        ASSERT_FALSE(block) << size;
        EXPECT_THAT(block.error().message(), HasSubstr("cut off"));
    }
}

TEST(BtrfsSuperblock, AnythingElseIsRefused) {
    EXPECT_THAT(problem_of(std::vector<std::byte>(kSuperblockBytes)), HasSubstr("no btrfs"));
    EXPECT_THAT(problem_of(std::vector<std::byte>(kSuperblockBytes, std::byte{0xff})),
                HasSubstr("no btrfs"));
    SuperblockImage image;
    image.raw.magic ^= 1U;
    EXPECT_THAT(problem_of(image.bytes()), HasSubstr("no btrfs"));
}

TEST(BtrfsSuperblock, AnotherCopyIsRefused) {
    SuperblockImage image;
    image.raw.bytenr = 64U << 20U;
    EXPECT_THAT(problem_of(image.bytes()), HasSubstr("another place"));
}

TEST(BtrfsSuperblock, NumbersOfDevicesAreBounded) {
    EXPECT_THAT(problem_of(SuperblockImage(1, 0).bytes()), HasSubstr("0 devices"));
    EXPECT_THAT(problem_of(SuperblockImage(1, 65537).bytes()), HasSubstr("65537 devices"));
    EXPECT_THAT(problem_of(SuperblockImage(1, std::numeric_limits<std::uint64_t>::max()).bytes()),
                HasSubstr("devices"));
    EXPECT_EQ(problem_of(SuperblockImage(1, 65536).bytes()), "");
    EXPECT_THAT(problem_of(SuperblockImage(0).bytes()), HasSubstr("names no device"));
}

TEST(BtrfsSuperblock, TheDeviceMustBelongToTheFileSystem) {
    SuperblockImage image;
    SuperblockImage::fill(image.raw.dev_item.fsid, 0xCD);
    EXPECT_THAT(problem_of(image.bytes()), HasSubstr("another file system"));
}

TEST(BtrfsSuperblock, AFileSystemWithANewUuidIsKnownByIt) {
    SuperblockImage image;
    SuperblockImage::fill(image.raw.dev_item.fsid, 0xCD);
    SuperblockImage::fill(image.raw.metadata_uuid, 0xCD);
    image.raw.incompat_flags = BTRFS_FEATURE_INCOMPAT_METADATA_UUID;
    const auto block = parse_superblock(image.bytes());
    ASSERT_TRUE(block) << block.error().message();
    EXPECT_EQ(block->fs_uuid, test::kFsUuid);
}

} // namespace
} // namespace slipway::btrfs
