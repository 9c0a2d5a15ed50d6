// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sys/linux_system.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway {

namespace {

constexpr std::size_t kMaxDirectoryEntries = 1U << 16U;

Result<UniqueFd> open_file(const char *verb, const std::string &path, int flags, mode_t mode = 0) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode));
    if (!fd)
        return errno_failure(std::string(verb) + " " + path, errno);
    return fd;
}

Result<> write_all(int fd, std::string_view content, const std::string &path) {
    // At least one write(2), also of nothing: sysfs attributes react to the call.
    do {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno_failure("write " + path, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    } while (!content.empty());
    return {};
}

// A name beside `path`; hidden, so that readers of the directory skip it. There is one thread, so
// the name is free unless an earlier process died on the way.
std::string temporary_name(const std::string &path) {
    const std::size_t name = path.rfind('/') + 1;
    return path.substr(0, name) + ".#" + path.substr(name) + "." + std::to_string(::getpid());
}

Result<> rename_or_remove(const std::string &temporary, const std::string &path) {
    if (::rename(temporary.c_str(), path.c_str()) == 0)
        return {};
    const int code = errno;
    (void)::unlink(temporary.c_str());
    return errno_failure("replace " + path, code);
}

Result<> write_with_mode(const std::string &path, std::string_view content, mode_t mode) {
    (void)::unlink(path.c_str());
    const auto fd = open_file("create", path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!fd)
        return std::unexpected(fd.error());
    if (auto written = write_all(fd->get(), content, path); !written)
        return written;
    if (::fchmod(fd->get(), mode) < 0)
        return errno_failure("chmod " + path, errno);
    return {};
}

std::int64_t clock_usec(clockid_t clock) {
    timespec time{};
    (void)::clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

const char *or_null(const std::string &text) {
    return text.empty() ? nullptr : text.c_str();
}

} // namespace

Result<> LinuxSystem::mount(const MountRequest &request) {
    if (::mount(or_null(request.source), request.target.c_str(), or_null(request.type),
                request.flags, or_null(request.data)) == 0)
        return {};
    const std::string what = request.source.empty() ? request.type : request.source;
    return errno_failure("mount " + what + " on " + request.target, errno);
}

Result<> LinuxSystem::unmount(const std::string &target, int flags) {
    if (::umount2(target.c_str(), flags) < 0)
        return errno_failure("unmount " + target, errno);
    return {};
}

Result<std::string> LinuxSystem::read_file(const std::string &path, std::size_t max_bytes) {
    // O_NONBLOCK: a FIFO or a terminal by this name must not stop PID 1.
    const auto fd = open_file("open", path, O_RDONLY | O_NONBLOCK);
    if (!fd)
        return std::unexpected(fd.error());
    std::string content;
    constexpr std::size_t kChunk = 16384;
    while (content.size() <= max_bytes) {
        const std::size_t before = content.size();
        const std::size_t room = std::min(kChunk, max_bytes - before + 1);
        content.resize(before + room);
        const ssize_t count = ::read(fd->get(), content.data() + before, room);
        const int code = errno;
        content.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count == 0)
            return content;
        if (count < 0 && code != EINTR)
            return errno_failure("read " + path, code);
    }
    return failure("read " + path + ": larger than the limit of " + std::to_string(max_bytes) +
                       " bytes",
                   EFBIG);
}

Result<> LinuxSystem::write_file(const std::string &path, std::string_view content, mode_t mode) {
    const auto fd = open_file("open", path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, mode);
    if (!fd)
        return std::unexpected(fd.error());
    return write_all(fd->get(), content, path);
}

Result<> LinuxSystem::replace_file(const std::string &path, std::string_view content, mode_t mode) {
    const std::string temporary = temporary_name(path);
    if (auto written = write_with_mode(temporary, content, mode); !written) {
        (void)::unlink(temporary.c_str());
        return std::unexpected(std::move(written.error()).with_context("replace " + path));
    }
    return rename_or_remove(temporary, path);
}

Result<> LinuxSystem::make_directories(const std::string &path, mode_t mode) {
    std::size_t end = 0;
    while (end != std::string::npos) {
        end = path.find('/', end + 1);
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), mode) == 0)
            continue;
        const int code = errno;
        struct stat info{};
        // EROFS and EACCES are no obstacle on the way to a directory that is there.
        if (::stat(part.c_str(), &info) < 0)
            return errno_failure("make directory " + part, code);
        if (!S_ISDIR(info.st_mode))
            return errno_failure("make directory " + part, ENOTDIR);
    }
    return {};
}

Result<> LinuxSystem::replace_symlink(const std::string &target, const std::string &link) {
    const std::string temporary = temporary_name(link);
    (void)::unlink(temporary.c_str());
    if (::symlink(target.c_str(), temporary.c_str()) < 0)
        return errno_failure("make link " + link, errno);
    return rename_or_remove(temporary, link);
}

Result<std::string> LinuxSystem::read_symlink(const std::string &path) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0)
        return errno_failure("read link " + path, errno);
    target.resize(static_cast<std::size_t>(size));
    return target;
}

Result<> LinuxSystem::remove_file(const std::string &path) {
    if (::unlink(path.c_str()) < 0 && errno != ENOENT)
        return errno_failure("remove " + path, errno);
    return {};
}

Result<std::vector<std::string>> LinuxSystem::list_directory(const std::string &path) {
    auto fd = open_file("open", path, O_RDONLY | O_DIRECTORY);
    if (!fd)
        return std::unexpected(fd.error());
    const auto close = [](DIR *stream) { (void)::closedir(stream); };
    const std::unique_ptr<DIR, decltype(close)> directory(::fdopendir(fd->get()), close);
    if (!directory)
        return errno_failure("list " + path, errno);
    (void)fd->release(); // now the stream's
    std::vector<std::string> names;
    for (errno = 0; const dirent *entry = ::readdir(directory.get()); errno = 0) {
        const std::string_view name = static_cast<const char *>(entry->d_name);
        if (name == "." || name == "..")
            continue;
        if (names.size() == kMaxDirectoryEntries)
            return errno_failure("list " + path, EOVERFLOW);
        names.emplace_back(name);
    }
    if (errno != 0)
        return errno_failure("list " + path, errno);
    std::ranges::sort(names);
    return names;
}

Result<FileStatus> LinuxSystem::status(const std::string &path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) < 0)
        return errno_failure("stat " + path, errno);
    return FileStatus{.device = info.st_dev, .device_number = info.st_rdev, .mode = info.st_mode};
}

bool LinuxSystem::is_executable(const std::string &path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

Result<UniqueFd> LinuxSystem::open(const std::string &path, int flags, mode_t mode) {
    // Without O_NOCTTY from open_file(): a caller that wants a controlling terminal decides so.
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!fd)
        return errno_failure("open " + path, errno);
    return fd;
}

std::int64_t LinuxSystem::monotonic_usec() {
    return clock_usec(CLOCK_MONOTONIC);
}

std::int64_t LinuxSystem::realtime_usec() {
    return clock_usec(CLOCK_REALTIME);
}

} // namespace slipway
