// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/backing_device.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <filesystem>
#include <format>
#include <fstream>

#include "base/unique_fd.h"

namespace slipway::fs {

namespace {

namespace files = std::filesystem;

std::string number_of(dev_t device) {
    return std::format("{}:{}", major(device), minor(device));
}

// Files of btrfs have numbers of no device. Of one on several devices any would be wrong.
std::optional<dev_t> device_of_btrfs(const std::string &path) {
    const UniqueFd top(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    btrfs_ioctl_fs_info_args file_system{};
    if (!top || ::ioctl(top.get(), BTRFS_IOC_FS_INFO, &file_system) != 0 ||
        file_system.num_devices != 1)
        return std::nullopt;
    btrfs_ioctl_dev_info_args device{};
    device.devid = file_system.max_id;
    std::array<char, sizeof(device.path) + 1> node{};
    if (::ioctl(top.get(), BTRFS_IOC_DEV_INFO, &device) != 0)
        return std::nullopt;
    std::copy(std::begin(device.path), std::end(device.path), node.begin());
    struct stat status{};
    if (::stat(node.data(), &status) != 0 || !S_ISBLK(status.st_mode))
        return std::nullopt;
    return status.st_rdev;
}

} // namespace

std::optional<std::string> backing_device(const std::string &path, const std::string &sysfs) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
    const std::optional<dev_t> device =
        major(status.st_dev) != 0 ? std::optional(status.st_dev) : device_of_btrfs(path);
    if (!device)
        return std::nullopt;
    return originating_device(number_of(*device), sysfs);
}

std::string originating_device(const std::string &number, const std::string &sysfs) {
    std::error_code error;
    const files::path folder = std::format("{}/dev/block/{}/slaves", sysfs, number);
    files::directory_iterator entry(folder, error);
    if (error || entry == files::directory_iterator())
        return number;
    std::ifstream file(entry->path() / "dev");
    std::string below;
    const bool is_single = entry.increment(error) == files::directory_iterator() && !error;
    return is_single && std::getline(file, below) && !below.empty() ? below : number;
}

} // namespace slipway::fs
