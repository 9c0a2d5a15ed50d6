// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sys/linux_system.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LinuxSystemTest : public testing::Test {
protected:
    LinuxSystemTest() {
        std::string pattern = testing::TempDir() + "slipway.XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~LinuxSystemTest() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path(const std::string &name) const {
        return directory_ + "/" + name;
    }
    [[nodiscard]] mode_t mode(const std::string &name) const {
        struct stat info{};
        EXPECT_EQ(::lstat(path(name).c_str(), &info), 0);
        return info.st_mode;
    }

    std::string directory_;
    LinuxSystem system_;
};

TEST_F(LinuxSystemTest, ReadsBackWhatItWrote) {
    ASSERT_TRUE(system_.write_file(path("a"), "first, and longer"));
    ASSERT_TRUE(system_.write_file(path("a"), "second"));
    EXPECT_EQ(system_.read_file(path("a")).value(), "second");
}

TEST_F(LinuxSystemTest, RefusesToReadMoreThanTheLimit) {
    ASSERT_TRUE(system_.write_file(path("a"), "12345"));
    EXPECT_EQ(system_.read_file(path("a"), 5).value(), "12345");
    const auto refused = system_.read_file(path("a"), 4);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), EFBIG);
}

TEST_F(LinuxSystemTest, ReadsFilesWhoseSizeIsUnknown) {
    EXPECT_THAT(system_.read_file("/proc/self/status").value(), HasSubstr("Pid:"));
}

TEST_F(LinuxSystemTest, NamesTheFileThatIsMissing) {
    const auto missing = system_.read_file(path("a"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), ENOENT);
    EXPECT_THAT(missing.error().message(), HasSubstr(path("a")));
}

TEST_F(LinuxSystemTest, DoesNotWaitForAFifo) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(system_.read_file(path("fifo")).value(), "");
    EXPECT_FALSE(system_.write_file(path("fifo"), "x"));
}

TEST_F(LinuxSystemTest, ReplacesAFileWithTheExactMode) {
    ASSERT_TRUE(system_.write_file(path("a"), "old"));
    ASSERT_TRUE(system_.replace_file(path("a"), "new", 01644));
    EXPECT_EQ(system_.read_file(path("a")).value(), "new");
    EXPECT_EQ(mode("a"), S_IFREG | 01644U);
    EXPECT_THAT(system_.list_directory(directory_).value(), ElementsAre("a"));
}

TEST_F(LinuxSystemTest, ReplacesALinkInsteadOfItsTarget) {
    ASSERT_TRUE(system_.write_file(path("target"), "kept"));
    ASSERT_TRUE(system_.replace_symlink("target", path("a")));
    ASSERT_TRUE(system_.replace_file(path("a"), "new"));
    EXPECT_EQ(system_.read_file(path("target")).value(), "kept");
    EXPECT_EQ(mode("a"), S_IFREG | 0644U);
}

TEST_F(LinuxSystemTest, LeavesNoTemporaryFileWhenReplacingFails) {
    ASSERT_TRUE(system_.make_directories(path("a/b")));
    EXPECT_FALSE(system_.replace_file(path("a"), "new"));
    EXPECT_FALSE(system_.replace_symlink("x", path("a")));
    EXPECT_THAT(system_.list_directory(directory_).value(), ElementsAre("a"));
}

TEST_F(LinuxSystemTest, ReplacesLinksAndFilesByALink) {
    ASSERT_TRUE(system_.replace_symlink("one", path("link")));
    ASSERT_TRUE(system_.replace_symlink("../two", path("link")));
    EXPECT_EQ(system_.read_symlink(path("link")).value(), "../two");
    ASSERT_TRUE(system_.write_file(path("file"), ""));
    ASSERT_TRUE(system_.replace_symlink("one", path("file")));
    EXPECT_EQ(system_.read_symlink(path("file")).value(), "one");
}

TEST_F(LinuxSystemTest, TellsSomethingThatIsNoLinkFromSomethingThatIsNotThere) {
    ASSERT_TRUE(system_.write_file(path("file"), ""));
    EXPECT_EQ(system_.read_symlink(path("file")).error().code(), EINVAL);
    EXPECT_EQ(system_.read_symlink(path("missing")).error().code(), ENOENT);
}

TEST_F(LinuxSystemTest, MakesDirectoriesOnTheWayOnce) {
    EXPECT_TRUE(system_.make_directories(path("a/b/c")));
    EXPECT_TRUE(system_.make_directories(path("a/b/c")));
    EXPECT_TRUE(system_.make_directories("/proc"));
    ASSERT_TRUE(system_.write_file(path("file"), ""));
    EXPECT_EQ(system_.make_directories(path("file/d")).error().code(), ENOTDIR);
}

TEST_F(LinuxSystemTest, TakesAMissingFileAsRemoved) {
    ASSERT_TRUE(system_.write_file(path("a"), ""));
    EXPECT_TRUE(system_.remove_file(path("a")));
    EXPECT_TRUE(system_.remove_file(path("a")));
    EXPECT_FALSE(system_.remove_file(directory_));
}

TEST_F(LinuxSystemTest, ListsNamesInOrder) {
    for (const char *name : {"b", "a", ".c"})
        ASSERT_TRUE(system_.write_file(path(name), ""));
    EXPECT_THAT(system_.list_directory(directory_).value(), ElementsAre(".c", "a", "b"));
    EXPECT_EQ(system_.list_directory(path("a")).error().code(), ENOTDIR);
}

TEST_F(LinuxSystemTest, CallsOnlyFilesExecutable) {
    ASSERT_TRUE(system_.write_file(path("program"), "", 0755));
    ASSERT_TRUE(system_.write_file(path("text"), "", 0644));
    EXPECT_TRUE(system_.is_executable(path("program")));
    EXPECT_FALSE(system_.is_executable(path("text")));
    EXPECT_FALSE(system_.is_executable(directory_));
    EXPECT_FALSE(system_.is_executable(path("missing")));
}

TEST_F(LinuxSystemTest, TellsTheStatusOfADevice) {
    const auto status = system_.status("/dev/null");
    ASSERT_TRUE(status);
    EXPECT_TRUE(S_ISCHR(status->mode));
    EXPECT_EQ(status->device_number, 0x103U); // 1:3, devices.txt of the kernel
}

TEST_F(LinuxSystemTest, OpensWithoutLeakingIntoPrograms) {
    const auto fd = system_.open("/dev/null", O_RDONLY);
    ASSERT_TRUE(fd);
    EXPECT_EQ(::fcntl(fd->get(), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(system_.open(path("missing"), O_RDONLY).error().code(), ENOENT);
}

TEST_F(LinuxSystemTest, ReportsAMountThatIsImpossible) {
    const auto mounted = system_.mount({"", path("missing"), "tmpfs", 0, ""});
    ASSERT_FALSE(mounted);
    EXPECT_THAT(mounted.error().message(), HasSubstr("mount tmpfs on " + path("missing")));
    EXPECT_FALSE(system_.unmount(path("missing"), 0));
}

TEST_F(LinuxSystemTest, HasClocksThatRun) {
    const std::int64_t before = system_.monotonic_usec();
    EXPECT_GT(before, 0);
    EXPECT_GE(system_.monotonic_usec(), before);
    EXPECT_GT(system_.realtime_usec(), std::int64_t{1'600'000'000} * 1'000'000);
}

} // namespace
} // namespace slipway
