// SPDX-License-Identifier: LGPL-2.1-or-later
// What it writes is a VM case (report-on-esp): only root of a real machine may mount FAT.
#include "sys/partition_writer.h"

#include <cerrno>
#include <fstream>

#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

// Of a FAT file system, with these bytes set.
std::string sector(std::initializer_list<std::pair<std::size_t, char>> bytes) {
    std::string text(512, '\0');
    for (const auto &[at, value] : bytes)
        text[at] = value;
    return text;
}

TEST(FatState, IsReadWhereTheKindOfFatHasIt) {
    EXPECT_FALSE(is_fat_dirty(sector({}))) << "FAT32";
    EXPECT_TRUE(is_fat_dirty(sector({{65, '\1'}})));
    EXPECT_FALSE(is_fat_dirty(sector({{37, '\1'}})));
    EXPECT_FALSE(is_fat_dirty(sector({{22, '\x40'}, {65, '\1'}}))) << "FAT16";
    EXPECT_TRUE(is_fat_dirty(sector({{22, '\x40'}, {37, '\1'}})));
    EXPECT_TRUE(is_fat_dirty(sector({{23, '\x01'}, {37, '\3'}})));
    EXPECT_FALSE(is_fat_dirty(sector({{65, '\2'}}))) << "another flag";
    EXPECT_FALSE(is_fat_dirty("short"));
}

TEST(PartitionWriter, LeavesAloneWhatWasNotUnmountedCleanly) {
    const testing::TemporaryDirectory folder;
    folder.write("disk", sector({{65, '\1'}}));
    EXPECT_EQ(write_on_partition({.device = folder.path() + "/disk",
                                  .directory = "slipway",
                                  .name = "last-failure",
                                  .content = "x"}),
              EUCLEAN);
}

TEST(PartitionWriter, SaysWhatIsNoDisk) {
    const testing::TemporaryDirectory folder;
    folder.write("short", "x");
    EXPECT_EQ(write_on_partition({.device = folder.path() + "/absent"}), ENOENT);
    EXPECT_EQ(write_on_partition({.device = folder.path() + "/short"}), EINVAL);
}

} // namespace
} // namespace slipway
