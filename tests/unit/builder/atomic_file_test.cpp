// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/atomic_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "builder/root_tree.h"
#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using testing::TemporaryDirectory;

std::size_t count_entries(const std::string &path) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(path))
        ++count;
    return count;
}

void write_text(const AtomicFile &file, std::string_view text) {
    ASSERT_EQ(::write(file.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(AtomicFile, LeavesTheOldFileAndNothingElseWhenItIsNotCommitted) {
    const TemporaryDirectory directory;
    const std::string path = directory.write("initrd.img", "old");
    {
        Result<AtomicFile> file = AtomicFile::create(path, 0600);
        ASSERT_TRUE(file) << file.error().message();
        write_text(*file, "half of the new");
        EXPECT_EQ(read_host_file(path).value(), "old");
    }
    EXPECT_EQ(read_host_file(path).value(), "old");
    EXPECT_EQ(count_entries(directory.path()), 1U);
}

TEST(AtomicFile, ReplacesTheOldFileWhenItIsCommitted) {
    const TemporaryDirectory directory;
    const std::string path = directory.write("initrd.img", "old");
    Result<AtomicFile> file = AtomicFile::create(path, 0600);
    ASSERT_TRUE(file);
    write_text(*file, "new");
    const Result<> committed = file->commit();
    ASSERT_TRUE(committed) << committed.error().message();
    EXPECT_EQ(read_host_file(path).value(), "new");
    EXPECT_EQ(count_entries(directory.path()), 1U);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(AtomicFile, KeepsALinkThatLeadsToTheFile) {
    const TemporaryDirectory directory;
    directory.write("initrd.img-6.12", "old");
    directory.link("initrd.img-6.12", "initrd.img");
    Result<AtomicFile> file = AtomicFile::create(directory.path() + "/initrd.img", 0600);
    ASSERT_TRUE(file);
    write_text(*file, "new");
    ASSERT_TRUE(file->commit());
    EXPECT_TRUE(std::filesystem::is_symlink(directory.path() + "/initrd.img"));
    EXPECT_EQ(read_host_file(directory.path() + "/initrd.img-6.12").value(), "new");
}

TEST(AtomicFile, RefusesToReplaceADirectory) {
    const TemporaryDirectory directory;
    EXPECT_FALSE(AtomicFile::create(directory.path(), 0600));
}

TEST(AtomicFile, SaysThatTheDirectoryIsMissing) {
    const TemporaryDirectory directory;
    const Result<AtomicFile> file = AtomicFile::create(directory.path() + "/no/initrd.img", 0600);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code(), ENOENT);
}

} // namespace
} // namespace slipway
