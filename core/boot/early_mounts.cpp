// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/early_mounts.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

struct EarlyMount {
    const char *type;
    const char *target;
    unsigned long flags;
    const char *data;
    const char *needs; // mounted only if this path exists; nullptr: always
};

constexpr std::array kKernelMounts = {
    EarlyMount{"proc", "/proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, "", nullptr},
    EarlyMount{"sysfs", "/sys", MS_NOSUID | MS_NOEXEC | MS_NODEV, "", nullptr},
    EarlyMount{"devtmpfs", "/dev", MS_NOSUID, "mode=0755", nullptr},
    EarlyMount{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=620,gid=5", nullptr},
    EarlyMount{"efivarfs", "/sys/firmware/efi/efivars", MS_NOSUID | MS_NOEXEC | MS_NODEV, "",
               "/sys/firmware/efi"},
};

struct Link {
    const char *path;
    const char *target;
};

constexpr std::array kDeviceLinks = {
    Link{"/dev/fd", "/proc/self/fd"},
    Link{"/dev/stdin", "/proc/self/fd/0"},
    Link{"/dev/stdout", "/proc/self/fd/1"},
    Link{"/dev/stderr", "/proc/self/fd/2"},
};

// A mount point has another device number than the directory above it. The comparison comes
// first because a second tmpfs would be mounted over the first one without an error.
bool is_mount_point(System &system, const std::string &target) {
    const auto parent = target.substr(0, std::max<std::size_t>(target.rfind('/'), 1));
    const auto inner = system.status(target);
    const auto outer = system.status(parent);
    return inner && outer && inner->device != outer->device;
}

Result<> mount_once(System &system, const MountRequest &request) {
    if (is_mount_point(system, request.target))
        return {};
    if (auto made = system.make_directories(request.target); !made)
        return std::unexpected(std::move(made.error()).with_context("make the mount point"));
    auto mounted = system.mount(request);
    // EBUSY: this file system is there already (CONFIG_DEVTMPFS_MOUNT).
    if (!mounted && mounted.error().code() != EBUSY)
        return std::unexpected(std::move(mounted.error()).with_context("mount " + request.type));
    return {};
}

void collect(std::vector<Error> &errors, Result<> result) {
    if (!result)
        errors.push_back(std::move(result.error()));
}

// The grammar of tmpfs(5): digits, then k, m, g or a percent sign.
bool is_tmpfs_size(std::string_view size) {
    const std::size_t digits = std::min(size.find_first_not_of("0123456789"), size.size());
    const std::string_view suffix = size.substr(digits);
    return digits > 0 && digits < 20 && suffix.size() <= 1 &&
           std::string_view("kKmMgG%").find(suffix) != std::string_view::npos;
}

} // namespace

std::vector<Error> mount_kernel_file_systems(System &system) {
    std::vector<Error> errors;
    for (const EarlyMount &mount : kKernelMounts) {
        if (mount.needs != nullptr && !system.status(mount.needs))
            continue;
        collect(errors, mount_once(system, {.source = mount.type,
                                            .target = mount.target,
                                            .type = mount.type,
                                            .flags = mount.flags,
                                            .data = mount.data}));
    }
    for (const Link &link : kDeviceLinks)
        collect(errors, system.replace_symlink(link.target, link.path));
    return errors;
}

std::vector<Error> mount_run(System &system, const std::optional<std::string> &size) {
    std::vector<Error> errors;
    std::string used = "20%";
    if (size && is_tmpfs_size(*size))
        used = *size;
    else if (size)
        errors.emplace_back("initramfs.runsize=" + printable(*size, 64) +
                            ": not a size of a tmpfs (write 256M or 10%); 20% is used");
    // No MS_NOEXEC: the host runs /run/initramfs/shutdown at the end, and never remounts /run.
    collect(errors, mount_once(system, {.source = "tmpfs",
                                        .target = "/run",
                                        .type = "tmpfs",
                                        .flags = MS_NODEV | MS_NOSUID | MS_STRICTATIME,
                                        .data = "mode=0755,size=" + used + ",nr_inodes=800k"}));
    return errors;
}

} // namespace slipway
