// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_paths.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <format>

#include "base/text.h"
#include "base/unique_fd.h"

namespace slipway::fs {

namespace {

Result<UniqueFd> open_in_root(const std::string &root, const std::string &path,
                              std::uint64_t flags) {
    const UniqueFd top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!top)
        return errno_failure("open " + root, errno);
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    UniqueFd file(
        static_cast<int>(::syscall(SYS_openat2, top.get(), path.c_str(), &how, sizeof(how))));
    if (!file)
        return errno_failure(std::format("open {} of the tree {}", printable(path, 300), root),
                             errno);
    return file;
}

} // namespace

Result<std::string> resolve_in_root(const std::string &root, const std::string &path) {
    const auto file = open_in_root(root, path, O_PATH);
    if (!file)
        return std::unexpected(file.error());
    // /proc names the file as the kernel found it, without links.
    const std::string link = std::format("/proc/self/fd/{}", file->get());
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    if (size < 0 || static_cast<std::size_t>(size) == target.size())
        return errno_failure("read " + link, size < 0 ? errno : ENAMETOOLONG);
    return std::string(target.data(), static_cast<std::size_t>(size));
}

Result<std::string> read_file_in_root(const std::string &root, const std::string &path,
                                      std::size_t max_bytes) {
    // A FIFO in its place must not hold up the boot.
    const auto file = open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file)
        return std::unexpected(file.error());
    const std::string what = std::format("read {} of the tree {}", printable(path, 300), root);
    struct stat status{};
    if (::fstat(file->get(), &status) != 0)
        return errno_failure(what, errno);
    if (!S_ISREG(status.st_mode))
        return failure(what + ": it is no regular file", EINVAL);
    std::string text(max_bytes, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file->get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno_failure(what, errno);
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

} // namespace slipway::fs
