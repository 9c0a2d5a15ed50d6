// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <format>
#include <system_error>
#include <utility>

namespace slipway {

namespace {

std::string directory_of(const std::string &path) {
    const std::string directory = std::filesystem::path(path).parent_path().string();
    return directory.empty() ? "." : directory;
}

std::string temporary_for(const std::string &path) {
    const std::filesystem::path full(path);
    return (full.parent_path() / std::format(".{}.slipway-new", full.filename().string())).string();
}

Result<std::string> final_path(const std::string &path) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
    if (error)
        return errno_failure("find " + path, error.value());
    struct stat status{};
    if (::lstat(real.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
        return failure(std::format("{} is no regular file; name a file for the image", path),
                       EINVAL);
    return real.string();
}

} // namespace

Result<AtomicFile> AtomicFile::create(const std::string &path, mode_t mode) {
    const Result<std::string> real = final_path(path);
    if (!real)
        return std::unexpected(real.error());
    const std::string directory = directory_of(*real);
    UniqueFd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
    if (fd)
        return AtomicFile(*real, std::move(fd), false);
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return errno_failure("make a file in " + directory, errno);
    const std::string temporary = temporary_for(*real);
    fd.reset(::open(temporary.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd)
        return errno_failure("make " + temporary, errno);
    // A second build to the same place must not write into the first one's file.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return failure(std::format("{} is being written by another build; wait for it", *real),
                       EBUSY);
    if (::ftruncate(fd.get(), 0) != 0)
        return errno_failure("empty " + temporary, errno);
    return AtomicFile(*real, std::move(fd), true);
}

AtomicFile::AtomicFile(AtomicFile &&other) noexcept
    : path_(std::move(other.path_)), fd_(std::move(other.fd_)),
      has_name_(std::exchange(other.has_name_, false)) {}

AtomicFile::~AtomicFile() {
    if (has_name_)
        (void)::unlink(temporary_for(path_).c_str());
}

Result<> AtomicFile::commit() {
    if (::fsync(fd_.get()) != 0)
        return errno_failure("write " + path_, errno);
    if (!has_name_) {
        (void)::unlink(temporary_for(path_).c_str()); // of an interrupted build
        // linkat(2): the way to name an O_TMPFILE without CAP_DAC_READ_SEARCH.
        const std::string self = std::format("/proc/self/fd/{}", fd_.get());
        if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, temporary_for(path_).c_str(),
                     AT_SYMLINK_FOLLOW) != 0)
            return errno_failure("name " + temporary_for(path_), errno);
        has_name_ = true;
    }
    if (::rename(temporary_for(path_).c_str(), path_.c_str()) != 0)
        return errno_failure(std::format("replace {}", path_), errno);
    has_name_ = false;
    const UniqueFd directory(
        ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory && ::fsync(directory.get()) != 0)
        return errno_failure("write the directory of " + path_, errno);
    return {};
}

} // namespace slipway
