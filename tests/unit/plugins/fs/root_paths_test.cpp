// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_paths.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "unit/builder/temporary_directory.h"

namespace slipway::fs {
namespace {

using testing::TemporaryDirectory;
namespace files = std::filesystem;

class RootPaths : public ::testing::Test {
protected:
    RootPaths() {
        outside.write("secret", "outside");
        root.write("etc/fstab", "inside");
        files::create_directories(root.path() + "/data/usr");
        files::create_directory_symlink("/data/usr", root.path() + "/usr");
        files::create_directory_symlink("../../../../../data", root.path() + "/up");
        files::create_directory_symlink(outside.path(), root.path() + "/out");
        files::create_symlink("loop", root.path() + "/loop");
    }
    std::string resolved(const std::string &path) {
        const auto result = resolve_in_root(root.path(), path);
        return result ? *result : "error " + std::to_string(result.error().code());
    }

    TemporaryDirectory root;
    TemporaryDirectory outside;
};

TEST_F(RootPaths, LinksAreResolvedInsideTheRoot) {
    EXPECT_EQ(resolved("/usr"), root.path() + "/data/usr");
    EXPECT_EQ(resolved("/up/usr"), root.path() + "/data/usr");
    EXPECT_EQ(resolved("/"), root.path());
}

TEST_F(RootPaths, NothingLeadsOut) {
    EXPECT_EQ(resolved("/out"), "error " + std::to_string(ENOENT));
    EXPECT_EQ(resolved("/../../../etc"), root.path() + "/etc");
    EXPECT_EQ(resolved("/loop"), "error " + std::to_string(ELOOP));
    EXPECT_FALSE(read_file_in_root(root.path(), "/out/secret", 100));
}

TEST_F(RootPaths, AFileIsReadUpToItsLimit) {
    EXPECT_EQ(read_file_in_root(root.path(), "/etc/fstab", 100), "inside");
    EXPECT_EQ(read_file_in_root(root.path(), "/etc/fstab", 3), "ins");
    EXPECT_EQ(read_file_in_root(root.path(), "/etc/nothing", 3).error().code(), ENOENT);
}

TEST_F(RootPaths, OnlyRegularFilesAreRead) {
    EXPECT_FALSE(read_file_in_root(root.path(), "/etc", 3));
    ASSERT_EQ(::mkfifo((root.path() + "/etc/fifo").c_str(), 0600), 0);
    EXPECT_FALSE(read_file_in_root(root.path(), "/etc/fifo", 3)); // and does not block
}

} // namespace
} // namespace slipway::fs
