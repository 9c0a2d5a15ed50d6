// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/linux_medium_backend.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <string_view>
#include <system_error>

#include "base/unique_fd.h"

namespace slipway::luks {

namespace {

// Even a read-only mount writes when there is a journal to be replayed; with these it does not.
struct QuietOption {
    std::string_view fs_type;
    const char *key;
    const char *value; // nullptr: a word without value
};
constexpr std::array kQuietOptions = {
    QuietOption{"ext3", "noload", nullptr},
    QuietOption{"ext4", "noload", nullptr},
    QuietOption{"xfs", "norecovery", nullptr},
    QuietOption{"btrfs", "rescue", "nologreplay"},
};

int set_quiet_option(int context, std::string_view fs_type) {
    const auto found = std::ranges::find(kQuietOptions, fs_type, &QuietOption::fs_type);
    if (found == kQuietOptions.end())
        return 0;
    return ::fsconfig(context, found->value == nullptr ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING,
                      found->key, found->value, 0);
}

// The mount hangs in no directory of any name space: only who has the descriptor can use it, and it
// is gone with that, even if the process is killed.
Result<UniqueFd> mount_detached(const Medium &medium) {
    const std::string what = "mount " + medium.devnode;
    if (medium.fs_type.empty())
        return failure(what + ": there is no file system that is known; see blkid");
    const UniqueFd context(::fsopen(medium.fs_type.c_str(), FSOPEN_CLOEXEC));
    if (!context)
        return errno_failure(std::format("{}: the kernel knows no file system {}; build the image "
                                         "with its module",
                                         what, medium.fs_type),
                             errno);
    if (::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", medium.devnode.c_str(), 0) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0) != 0 ||
        set_quiet_option(context.get(), medium.fs_type) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return errno_failure(what, errno);
    UniqueFd mount(
        ::fsmount(context.get(), FSMOUNT_CLOEXEC,
                  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
    if (!mount)
        return errno_failure(what, errno);
    return mount;
}

// Links on the device lead nowhere but to the device.
Result<UniqueFd> open_below(const UniqueFd &root, const std::string &path) {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; // a pipe must not hold up the open
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    UniqueFd file(
        static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof(how))));
    if (!file)
        return errno_failure("open " + path, errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return errno_failure("open " + path, errno);
    if (!S_ISREG(status.st_mode))
        return failure(path + " is no regular file", EINVAL);
    return file;
}

// Keeps the mount for as long as the file is read.
struct OpenMedium {
    UniqueFd mount;
    UniqueFd file;
};

Result<OpenMedium> open_medium(const Medium &medium) {
    OpenMedium open;
    if (medium.path.empty()) {
        open.file.reset(::open(medium.devnode.c_str(), O_RDONLY | O_CLOEXEC));
        if (!open.file)
            return errno_failure("open " + medium.devnode, errno);
        return open;
    }
    auto mount = mount_detached(medium);
    if (!mount)
        return std::unexpected(std::move(mount.error()));
    auto file = open_below(*mount, medium.path);
    if (!file)
        return std::unexpected(std::move(file.error()));
    open.mount = *std::move(mount);
    open.file = *std::move(file);
    return open;
}

// Reads until `room` is full or there is no more. The bytes read, or -1 with errno.
ssize_t read_fully(int file, std::span<std::byte> room, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < room.size()) {
        const ssize_t count = ::pread(file, room.data() + done, room.size() - done,
                                      static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
}

// Its directory is there, and nothing has the name.
Result<> make_room_for(const std::string &path) {
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
        return errno_failure("create " + directory.string(), error.value());
    if (::chmod(directory.c_str(), 0700) != 0)
        return errno_failure("close " + directory.string() + " to others", errno);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return errno_failure("replace " + path, errno);
    return {};
}

class LinuxMediumBackend final : public MediumBackend {
public:
    Result<Secret> read_key(const Medium &medium, std::uint64_t offset,
                            std::uint64_t size) override {
        const auto open = open_medium(medium);
        if (!open)
            return std::unexpected(open.error());
        Secret key;
        auto room = key.room();
        if (size > room.size())
            return failure("read the key", EFBIG);
        if (size > 0)
            room = room.first(size);
        const ssize_t count = read_fully(open->file.get(), room, offset);
        if (count < 0)
            return errno_failure("read the key", errno);
        key.fill(static_cast<std::size_t>(count));
        if (size > 0 && key.size() < size)
            return failure(std::format("it ends after {} bytes of {}", key.size(), size));
        std::byte more{};
        const bool is_longer =
            size == 0 && key.size() == Secret::kMaxBytes &&
            ::pread(open->file.get(), &more, 1, static_cast<off_t>(offset + key.size())) > 0;
        wipe_memory({&more, 1});
        if (is_longer)
            return failure("read the key", EFBIG);
        return key;
    }

    // By another name first: a copy that was interrupted must not be taken for a header.
    Result<> copy_file(const Medium &medium, const std::string &destination) override {
        const auto open = open_medium(medium);
        if (!open)
            return std::unexpected(open.error());
        struct stat status{};
        if (::fstat(open->file.get(), &status) != 0)
            return errno_failure("read " + medium.path, errno);
        if (static_cast<std::uint64_t>(status.st_size) > kMaxHeaderBytes)
            return failure("copy " + medium.path, EFBIG);
        if (auto made = make_room_for(destination); !made)
            return made;
        const std::string unfinished = destination + ".new";
        (void)::unlink(unfinished.c_str());
        const UniqueFd copy(
            ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!copy)
            return errno_failure("create " + unfinished, errno);
        auto left = static_cast<std::size_t>(status.st_size);
        while (left > 0) {
            const ssize_t count = ::sendfile(copy.get(), open->file.get(), nullptr, left);
            if (count <= 0) {
                const int code = count < 0 ? errno : EIO; // it became shorter
                (void)::unlink(unfinished.c_str());
                return errno_failure("copy " + medium.path, code);
            }
            left -= static_cast<std::size_t>(count);
        }
        if (::rename(unfinished.c_str(), destination.c_str()) != 0)
            return errno_failure("create " + destination, errno);
        return {};
    }

    Result<> link(const std::string &devnode, const std::string &destination) override {
        if (auto made = make_room_for(destination); !made)
            return made;
        if (::symlink(devnode.c_str(), destination.c_str()) != 0)
            return errno_failure("create " + destination, errno);
        return {};
    }

    Result<> remove(const std::string &path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            return errno_failure("remove " + path, errno);
        return {};
    }

    bool has_mapping(const std::string &name) override {
        return ::access(("/dev/mapper/" + name).c_str(), F_OK) == 0;
    }
};

} // namespace

std::unique_ptr<MediumBackend> make_linux_medium_backend() {
    return std::make_unique<LinuxMediumBackend>();
}

} // namespace slipway::luks
