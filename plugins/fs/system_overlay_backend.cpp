// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/system_overlay_backend.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/unique_fd.h"
#include "fs/backing_device.h"

namespace slipway::fs {

namespace {

class SystemOverlayBackend final : public OverlayBackend {
public:
    bool is_mounted(const std::string &path) override {
        struct statx status{};
        // A server need not be asked.
        constexpr int kFlags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
        return ::statx(AT_FDCWD, path.c_str(), kFlags, STATX_TYPE, &status) == 0 &&
               (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    }

    Result<> move(const std::string &from, const std::string &to) override {
        if (auto made = make_directory(to); !made)
            return made;
        if (::mount(from.c_str(), to.c_str(), nullptr, MS_MOVE, nullptr) != 0)
            return errno_failure("move the mount " + from + " to " + to, errno);
        return {};
    }

    Result<> protect(const std::string &mount_point) override {
        mount_attr attributes{};
        attributes.attr_set = MOUNT_ATTR_RDONLY;
        if (::mount_setattr(AT_FDCWD, mount_point.c_str(), 0, &attributes, sizeof(attributes)) != 0)
            return errno_failure("make " + mount_point + " read-only", errno);
        return {};
    }

    Result<> make_directory(const std::string &path) override {
        std::error_code error;
        std::filesystem::create_directories(path, error);
        if (error)
            return errno_failure("make the directory " + path, error.value());
        return {};
    }

    Result<> copy_access(const std::string &from, const std::string &to) override {
        constexpr mode_t kMode = 07777;
        struct stat status{};
        if (::stat(from.c_str(), &status) != 0)
            return errno_failure("look at " + from, errno);
        // Changing the owner may take away bits of the mode.
        if (::chown(to.c_str(), status.st_uid, status.st_gid) != 0 ||
            ::chmod(to.c_str(), status.st_mode & kMode) != 0)
            return errno_failure("give " + to + " owner and mode of " + from, errno);
        return {};
    }

    Result<> link(const std::string &target, const std::string &path) override {
        const std::filesystem::path file(path);
        if (auto made = make_directory(file.parent_path()); !made)
            return made;
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            return errno_failure("remove " + path, errno);
        if (::symlink(target.c_str(), path.c_str()) != 0)
            return errno_failure("make the link " + path, errno);
        return {};
    }

    Result<> write(const std::string &path, const std::string &text) override {
        const std::filesystem::path name(path);
        if (auto made = make_directory(name.parent_path()); !made)
            return made;
        const UniqueFd file(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!file)
            return errno_failure("make " + path, errno);
        const ssize_t size = ::write(file.get(), text.data(), text.size());
        if (size != static_cast<ssize_t>(text.size()))
            return errno_failure("write " + path, size < 0 ? errno : ENOSPC);
        return {};
    }

    std::optional<std::string> device_below(const std::string &path) override {
        return backing_device(path, "/sys");
    }
};

} // namespace

std::unique_ptr<OverlayBackend> make_system_overlay_backend() {
    return std::make_unique<SystemOverlayBackend>();
}

} // namespace slipway::fs
