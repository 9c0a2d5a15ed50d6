// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/small_file.h"

#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway::sdk {
namespace {

TEST(SmallFile, IsReadToItsEndOrToTheLimit) {
    const slipway::testing::TemporaryDirectory folder;
    const std::string path = folder.write("file", std::string("a\0b\n", 4));
    EXPECT_EQ(read_small_file(path, 100), std::string("a\0b\n", 4));
    EXPECT_EQ(read_small_file(path, 4), std::string("a\0b\n", 4));
    EXPECT_EQ(read_small_file(path, 1), "a");
    EXPECT_EQ(read_small_file(folder.write("empty", ""), 100), "");
    EXPECT_EQ(read_small_file(folder.path() + "/absent", 100), std::nullopt);
}

} // namespace
} // namespace slipway::sdk
