// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sys/partition_writer.h"

#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway {

namespace {

constexpr std::size_t kSectorBytes = 512;

int check_state(const std::string &device) {
    const UniqueFd fd(::open(device.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, kSectorBytes> sector{};
    if (!fd)
        return errno;
    const ssize_t size = ::pread(fd.get(), sector.data(), sector.size(), 0);
    if (size != static_cast<ssize_t>(sector.size()))
        return size < 0 ? errno : EINVAL;
    return is_fat_dirty({sector.data(), sector.size()}) ? EUCLEAN : 0;
}

// The root of the file system; without one errno says why.
UniqueFd mount_detached(const std::string &device) {
    const UniqueFd context(::fsopen("vfat", FSOPEN_CLOEXEC));
    const auto set = [&](const char *key, const char *value) {
        return ::fsconfig(context.get(), FSCONFIG_SET_STRING, key, value, 0) == 0;
    };
    if (!context || !set("source", device.c_str()) || !set("umask", "0077") ||
        !set("errors", "remount-ro") ||
        ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return {};
    return UniqueFd(::fsmount(context.get(), FSMOUNT_CLOEXEC,
                              MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                                  MOUNT_ATTR_NOSYMFOLLOW));
}

int write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return errno;
        content.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

int write_new(int directory, const std::string &name, std::string_view content) {
    const UniqueFd fd(::openat(directory, name.c_str(),
                               O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    return fd ? write_all(fd.get(), content) : errno;
}

std::string numbered(const PartitionFile &file, unsigned number) {
    return file.name + "-" + std::to_string(number) + ".txt";
}

// The new one becomes the first, the one behind the last that is kept goes.
int move_up(int directory, const PartitionFile &file, const std::string &fresh) {
    for (unsigned number = file.kept; number > 1; --number) {
        if (::renameat(directory, numbered(file, number - 1).c_str(), directory,
                       numbered(file, number).c_str()) != 0 &&
            errno != ENOENT)
            return errno;
    }
    if (::renameat(directory, fresh.c_str(), directory, numbered(file, 1).c_str()) != 0)
        return errno;
    return ::fsync(directory) == 0 ? 0 : errno;
}

} // namespace

bool is_fat_dirty(std::string_view sector) {
    // fatgen103: BPB_FATSz16 is 0 in FAT32 only, which has the state byte elsewhere.
    constexpr std::size_t kFatSize16 = 22;
    constexpr std::size_t kState16 = 37;
    constexpr std::size_t kState32 = 65;
    constexpr unsigned kDirty = 1;
    if (sector.size() < kSectorBytes)
        return false;
    const bool is_fat32 = sector[kFatSize16] == '\0' && sector[kFatSize16 + 1] == '\0';
    const auto state = static_cast<unsigned char>(sector[is_fat32 ? kState32 : kState16]);
    return (state & kDirty) != 0;
}

int write_on_partition(const PartitionFile &file) {
    if (const int code = check_state(file.device); code != 0)
        return code;
    const UniqueFd root = mount_detached(file.device);
    if (!root)
        return errno;
    if (::mkdirat(root.get(), file.directory.c_str(), 0700) != 0 && errno != EEXIST)
        return errno;
    const UniqueFd directory(::openat(root.get(), file.directory.c_str(),
                                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        return errno;
    const std::string fresh = file.name + ".new";
    int code = write_new(directory.get(), fresh, file.content);
    if (code == 0)
        code = move_up(directory.get(), file, fresh);
    if (code != 0)
        (void)::unlinkat(directory.get(), fresh.c_str(), 0);
    // Not the root: fsmount(2) opens only its path.
    return ::syncfs(directory.get()) != 0 && code == 0 ? errno : code;
}

} // namespace slipway
