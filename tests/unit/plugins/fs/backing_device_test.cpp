// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/backing_device.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <format>

#include "unit/builder/temporary_directory.h"

namespace slipway::fs {
namespace {

class BackingDevice : public ::testing::Test {
protected:
    void add_slave(const std::string &number, const std::string &name,
                   const std::string &of_slave) const {
        directory_.write(std::format("dev/block/{}/slaves/{}/dev", number, name), of_slave);
    }
    [[nodiscard]] const std::string &sysfs() const { return directory_.path(); }

    testing::TemporaryDirectory directory_;
};

TEST_F(BackingDevice, APartitionIsMeantItself) {
    directory_.make_directory("dev/block/254:2");
    EXPECT_EQ(originating_device("254:2", sysfs()), "254:2");
    directory_.make_directory("dev/block/254:2/slaves");
    EXPECT_EQ(originating_device("254:2", sysfs()), "254:2");
}

TEST_F(BackingDevice, OfAnUnlockedVolumeTheDiskIsMeant) {
    add_slave("253:0", "vda2", "254:2\n");
    EXPECT_EQ(originating_device("253:0", sysfs()), "254:2");
    add_slave("253:1", "vda2", "");
    EXPECT_EQ(originating_device("253:1", sysfs()), "253:1") << "sysfs says nothing";
}

TEST_F(BackingDevice, WhatIsMadeOfSeveralIsMeantItself) {
    add_slave("9:127", "vda", "254:0\n");
    add_slave("9:127", "vdb", "254:16\n");
    EXPECT_EQ(originating_device("9:127", sysfs()), "9:127");
}

TEST_F(BackingDevice, FilesTellTheDeviceTheyAreOn) {
    EXPECT_EQ(backing_device("/proc/self", sysfs()), std::nullopt) << "on no device";
    EXPECT_EQ(backing_device(sysfs() + "/missing", sysfs()), std::nullopt);
    const std::string self = "/proc/self/exe";
    struct stat status{};
    ASSERT_EQ(::stat(self.c_str(), &status), 0);
    const auto number = std::format("{}:{}", major(status.st_dev), minor(status.st_dev));
    // Of an overlay or of btrfs the number of the files is that of no device.
    if (major(status.st_dev) == 0)
        EXPECT_NE(backing_device(self, sysfs()), number);
    else
        EXPECT_EQ(backing_device(self, sysfs()), number);
}

} // namespace
} // namespace slipway::fs
