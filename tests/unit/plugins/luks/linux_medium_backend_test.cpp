// SPDX-License-Identifier: LGPL-2.1-or-later
// With files in place of devices: what needs a file system on a device is a VM case.
#include "luks/linux_medium_backend.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace slipway::luks {
namespace {

using ::testing::HasSubstr;

class LinuxMedium : public ::testing::Test {
protected:
    LinuxMedium() {
        std::string pattern = ::testing::TempDir() + "/medium.XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        directory = pattern;
        device.devnode = directory + "/device";
    }
    ~LinuxMedium() override { std::filesystem::remove_all(directory); }
    LinuxMedium(const LinuxMedium &) = delete;
    LinuxMedium &operator=(const LinuxMedium &) = delete;
    LinuxMedium(LinuxMedium &&) = delete;
    LinuxMedium &operator=(LinuxMedium &&) = delete;

    void write(const std::string &content) const {
        std::ofstream(device.devnode, std::ios::binary) << content;
    }
    static std::string read(const std::string &path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::string directory;
    Medium device;
    std::unique_ptr<MediumBackend> backend = make_linux_medium_backend();
};

TEST_F(LinuxMedium, ReadsThePartOfADeviceThatIsTheKey) {
    write("0123456789");
    const auto part = backend->read_key(device, 2, 4);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->view(), "2345");
    const auto all = backend->read_key(device, 3, 0);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->view(), "3456789");
}

TEST_F(LinuxMedium, APartThatIsNotThereIsAnError) {
    write("0123");
    const auto key = backend->read_key(device, 2, 4);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().message(), "it ends after 2 bytes of 4");
}

TEST_F(LinuxMedium, AKeyThatDoesNotFitIsNotCut) {
    write(std::string(Secret::kMaxBytes, 'x'));
    EXPECT_TRUE(backend->read_key(device, 0, 0));
    write(std::string(Secret::kMaxBytes + 1, 'x'));
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{Secret::kMaxBytes + 1}}) {
        const auto key = backend->read_key(device, 0, size);
        ASSERT_FALSE(key);
        EXPECT_EQ(key.error().code(), EFBIG);
    }
    EXPECT_TRUE(backend->read_key(device, 1, 0));
}

TEST_F(LinuxMedium, ACopyIsForRootAloneAndReplacesAnotherOne) {
    const std::string copy = directory + "/run/headers/data";
    write("old");
    ASSERT_TRUE(backend->copy_file(device, copy));
    write("header");
    ASSERT_TRUE(backend->copy_file(device, copy));
    EXPECT_EQ(read(copy), "header");
    struct stat status{};
    ASSERT_EQ(::stat(copy.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat((directory + "/run/headers").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    EXPECT_TRUE(backend->remove(copy));
    EXPECT_TRUE(backend->remove(copy)); // nothing is left to do
    EXPECT_FALSE(std::filesystem::exists(copy));
}

TEST_F(LinuxMedium, WhatIsLargerThanAHeaderIsNotCopied) {
    write("");
    std::filesystem::resize_file(device.devnode, MediumBackend::kMaxHeaderBytes + 1);
    const auto copied = backend->copy_file(device, directory + "/run/copy");
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().code(), EFBIG);
    EXPECT_FALSE(std::filesystem::exists(directory + "/run/copy"));
}

TEST_F(LinuxMedium, ALinkReplacesACopy) {
    write("header");
    const std::string place = directory + "/run/data";
    ASSERT_TRUE(backend->copy_file(device, place));
    ASSERT_TRUE(backend->link("/dev/sdb", place));
    EXPECT_EQ(std::filesystem::read_symlink(place), "/dev/sdb");
}

TEST_F(LinuxMedium, ADeviceWithoutFileSystemHasNoFiles) {
    device.path = "/key";
    const auto unknown = backend->read_key(device, 0, 0);
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().message(), HasSubstr("there is no file system that is known"));
    device.fs_type = "crypto_LUKS";
    const auto locked = backend->read_key(device, 0, 0);
    ASSERT_FALSE(locked);
    EXPECT_THAT(locked.error().message(), HasSubstr("crypto_LUKS"));
}

// tmpfs needs no device, so that the mount itself can be tried here, by root.
TEST_F(LinuxMedium, AMountIsSeenByNobodyAndGoneAfterwards) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root mounts";
    const std::string before = read("/proc/self/mountinfo");
    device.fs_type = "tmpfs";
    device.path = "/key";
    const auto key = backend->read_key(device, 0, 0);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().message(), "open /key: No such file or directory");
    EXPECT_EQ(read("/proc/self/mountinfo"), before);
}

} // namespace
} // namespace slipway::luks
