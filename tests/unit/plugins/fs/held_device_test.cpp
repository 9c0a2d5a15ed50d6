// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/held_device.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

namespace slipway::fs {
namespace {

// A file with the superblock of an ext2; libblkid takes it for a device.
class HeldDevices : public ::testing::Test {
protected:
    HeldDevices() {
        std::string bytes(1 << 20, '\0');
        constexpr std::size_t kSuperblock = 1024;
        bytes[kSuperblock + 0x38] = '\x53';
        bytes[kSuperblock + 0x39] = '\xEF';
        for (std::size_t i = 0; i < 16; ++i)
            bytes[kSuperblock + 0x68 + i] = static_cast<char>(0x10 + i);
        std::ofstream(path) << bytes;
    }
    ~HeldDevices() override { std::filesystem::remove(path); }
    HeldDevices(const HeldDevices &) = delete;
    HeldDevices &operator=(const HeldDevices &) = delete;
    HeldDevices(HeldDevices &&) = delete;
    HeldDevices &operator=(HeldDevices &&) = delete;

    std::string path =
        (std::filesystem::temp_directory_path() / ("slipway-held-" + std::to_string(::getpid())))
            .string();
};

TEST_F(HeldDevices, TellTheUuidOfTheirFileSystem) {
    const auto device = hold_device(path, "ext2");
    ASSERT_TRUE(device) << device.error().message();
    EXPECT_TRUE(device->pin);
    EXPECT_EQ(device->fs_uuid, "10111213-1415-1617-1819-1a1b1c1d1e1f");
}

TEST_F(HeldDevices, AreOfOneFamilyWhateverTheCheckMadeOfThem) {
    EXPECT_EQ(hold_device(path, "ext4").value().fs_uuid, "10111213-1415-1617-1819-1a1b1c1d1e1f");
}

TEST_F(HeldDevices, WithAnotherFileSystemHaveNoUuid) {
    EXPECT_EQ(hold_device(path, "xfs").value().fs_uuid, "");
    EXPECT_EQ(hold_device("/dev/null", "xfs").has_value(), false);
}

TEST_F(HeldDevices, OfATypeThatNobodyKnowsAreNotRead) {
    const auto device = hold_device(path, "nosuchfs");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code(), ENOTSUP);
}

TEST_F(HeldDevices, ThatAreGoneAreNamed) {
    const auto device = hold_device(path + "-gone", "ext4");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code(), ENOENT);
    EXPECT_NE(device.error().message().find(path), std::string::npos);
}

} // namespace
} // namespace slipway::fs
