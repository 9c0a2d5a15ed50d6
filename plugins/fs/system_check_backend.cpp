// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/system_check_backend.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "base/unique_fd.h"

namespace slipway::fs {

namespace {

constexpr const char *kDirectory = "/run/initramfs";
constexpr const char *kLog = "/run/initramfs/fsck.log";

Result<UniqueFd> open_in_run(const char *path, int flags) {
    if (::mkdir(kDirectory, 0755) != 0 && errno != EEXIST)
        return errno_failure(std::string("make ") + kDirectory, errno);
    UniqueFd file(::open(path, flags | O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    if (!file)
        return errno_failure(std::string("open ") + path, errno);
    return file;
}

class SystemCheckBackend final : public CheckBackend {
public:
    Result<std::vector<std::byte>> read(const std::string &devnode, std::size_t offset,
                                        std::size_t count) override {
        const UniqueFd device(::open(devnode.c_str(), O_RDONLY | O_CLOEXEC));
        if (!device)
            return errno_failure("open " + devnode, errno);
        std::vector<std::byte> bytes(count);
        const ssize_t got = ::pread(device.get(), bytes.data(), count, static_cast<off_t>(offset));
        if (got < 0)
            return errno_failure("read " + devnode, errno);
        if (static_cast<std::size_t>(got) != count)
            return failure("read " + devnode + ": the device is too short", EIO);
        return bytes;
    }

    std::string find_checker(std::string_view type) override {
        for (const char *directory : {"/usr/sbin/fsck.", "/sbin/fsck."}) {
            std::string path = directory + std::string(type);
            if (::access(path.c_str(), X_OK) == 0)
                return path;
        }
        return {};
    }

    Result<UniqueFd> lock_disk(const std::string &devnode) override {
        UniqueFd disk(::open(devnode.c_str(), O_RDONLY | O_CLOEXEC));
        if (!disk || ::flock(disk.get(), LOCK_EX) != 0)
            return errno_failure("lock " + devnode, errno);
        return disk;
    }

    std::int64_t now() override { return static_cast<std::int64_t>(::time(nullptr)); }

    Result<> append_log(std::string_view text) override {
        auto file = open_in_run(kLog, O_APPEND);
        if (!file)
            return std::unexpected(std::move(file).error());
        if (::write(file->get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            return errno_failure(std::string("write ") + kLog, errno);
        return {};
    }

    Result<> mark_checked(std::string_view marker) override {
        const std::string path = std::string(kDirectory) + "/" + std::string(marker);
        return open_in_run(path.c_str(), O_TRUNC).transform([](const UniqueFd &) {});
    }
};

} // namespace

std::unique_ptr<CheckBackend> make_system_check_backend() {
    return std::make_unique<SystemCheckBackend>();
}

} // namespace slipway::fs
