// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/kernel_mount.h"

#include <gmock/gmock.h>

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>

#include "unit/builder/temporary_directory.h"

namespace slipway::sdk {
namespace {

using namespace std::chrono_literals;
using slipway::testing::TemporaryDirectory;

MountRequest tmpfs_at(const std::string &target) {
    return {.source = "test", .type = "tmpfs", .target = target, .options = {"size=64k"}};
}

TEST(KernelMount, ATypeThatTheKernelDoesNotKnowIsRefused) {
    const TemporaryDirectory folder;
    MountRequest request = tmpfs_at(folder.path());
    request.type = "no-such-type";
    EXPECT_NE(mount_file_system(request).code, 0);
    const MountResult result = mount_within(request, 20s);
    EXPECT_EQ(result.code, mount_file_system(request).code);
    EXPECT_EQ(result.option, "");
}

// Runs in a mount namespace of its own, or not at all; 77: it may not have one.
int in_namespace(const std::function<bool()> &check) {
    const pid_t child = ::fork();
    if (child == 0) {
        // In a chroot "/" is no mount point, but what holds the test's folders may be one.
        const std::string place = std::filesystem::temp_directory_path().string();
        if (::unshare(CLONE_NEWNS) != 0 ||
            (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 &&
             ::mount(nullptr, place.c_str(), nullptr, MS_REC | MS_PRIVATE, nullptr) != 0))
            ::_exit(77);
        ::_exit(check() ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

TEST(KernelMount, AMountThatTakesTooLongIsEnded) {
    const TemporaryDirectory folder;
    const int result =
        in_namespace([&] { return mount_within(tmpfs_at(folder.path()), 0ms).code == ETIMEDOUT; });
    if (result == 77)
        GTEST_SKIP() << "no mount namespace can be had here";
    EXPECT_EQ(result, 0);
}

TEST(KernelMount, AMountHasItsOptionsAndAttributes) {
    const TemporaryDirectory folder;
    const int result = in_namespace([&] {
        MountRequest request = tmpfs_at(folder.path());
        request.attributes = {"nosuid", "noexec", "unheard-of"};
        struct statvfs status{};
        return mount_within(request, 20s).code == 0 &&
               ::statvfs(folder.path().c_str(), &status) == 0 &&
               status.f_blocks * status.f_frsize == 65536 && (status.f_flag & ST_NOSUID) != 0 &&
               (status.f_flag & ST_NOEXEC) != 0 && (status.f_flag & ST_RDONLY) == 0;
    });
    if (result == 77)
        GTEST_SKIP() << "no mount namespace can be had here";
    EXPECT_EQ(result, 0);
}

TEST(KernelMount, TheOptionThatIsRefusedIsNamed) {
    const TemporaryDirectory folder;
    const int result = in_namespace([&] {
        MountRequest request = tmpfs_at(folder.path());
        request.options = {"size=64k", "nonsense=1"};
        const MountResult refused = mount_within(request, 20s);
        return refused.code == EINVAL && refused.option == "nonsense=1" && !refused.detail.empty();
    });
    if (result == 77)
        GTEST_SKIP() << "no mount namespace can be had here";
    EXPECT_EQ(result, 0);
}

} // namespace
} // namespace slipway::sdk
