// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/sysfs_backend.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>

#include "resume/kernel_messages.h"
#include "unit/builder/temporary_directory.h"

namespace slipway::resume {
namespace {

using ::testing::HasSubstr;

// Plain files stand for those of sysfs; the kernel's behaviour is a VM case.
class SysfsBackend : public ::testing::Test {
protected:
    [[nodiscard]] std::string read(const std::string &path) const {
        std::ifstream file(directory.path() + "/" + path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    slipway::testing::TemporaryDirectory directory;
    std::unique_ptr<PowerBackend> backend = make_sysfs_backend(directory.path());
};

TEST_F(SysfsBackend, WritesTheOffsetAndThenTheDevice) {
    directory.write("sys/power/resume_offset", "");
    directory.write("sys/power/resume", "");
    const auto answer = backend->resume("254:16", 7);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(*answer, "");
    EXPECT_EQ(read("sys/power/resume_offset"), "7");
    EXPECT_EQ(read("sys/power/resume"), "254:16");
}

TEST_F(SysfsBackend, AKernelWithoutOffsetsResumesFromPartitionsOnly) {
    directory.write("sys/power/resume", "");
    EXPECT_FALSE(backend->resume("254:16", 7));
    EXPECT_EQ(read("sys/power/resume"), "");
    EXPECT_TRUE(backend->resume("254:16", 0));
    EXPECT_EQ(read("sys/power/resume"), "254:16");
}

TEST_F(SysfsBackend, AKernelWithoutHibernationIsTold) {
    const auto answer = backend->resume("254:16", 0);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message(), HasSubstr("/sys/power/resume"));
    EXPECT_FALSE(backend->modes());
    directory.write("sys/power/disk", "[platform] shutdown\n");
    EXPECT_EQ(backend->modes(), "[platform] shutdown\n");
}

TEST_F(SysfsBackend, ReadsOnePageOfADevice) {
    const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    directory.write("disk", std::string(size, 'a') + std::string(size, 'b') + "c");
    const std::string disk = directory.path() + "/disk";
    const auto page = backend->read_page(disk, 1);
    ASSERT_TRUE(page) << page.error().message();
    EXPECT_EQ(*page, std::vector<std::byte>(size, std::byte{'b'}));
    EXPECT_THAT(backend->read_page(disk, 2).error().message(), HasSubstr("too short"));
    EXPECT_THAT(
        backend->read_page(disk, std::numeric_limits<std::uint64_t>::max()).error().message(),
        HasSubstr("no such page"));
    EXPECT_FALSE(backend->read_page(disk + "x", 0));
}

TEST_F(SysfsBackend, RemovesAVariable) {
    directory.write("sys/variable", "x");
    EXPECT_TRUE(backend->remove_variable("/sys/variable"));
    EXPECT_FALSE(std::filesystem::exists(directory.path() + "/sys/variable"));
    EXPECT_EQ(backend->remove_variable("/sys/variable").error().code(), ENOENT);
}

TEST(KernelMessages, TheLastOnesAboutPowerAreTheReason) {
    EXPECT_EQ(reason_in({}), "");
    EXPECT_EQ(reason_in({"usb 1-1: new device", "PM: a", "Freezing user space", "PM: b"}),
              "PM: a; PM: b");
    EXPECT_EQ(reason_in({"PM: 1", "PM: 2", "PM: 3", "PM: 4", "PM: 5"}),
              "PM: 2; PM: 3; PM: 4; PM: 5");
}

} // namespace
} // namespace slipway::resume
