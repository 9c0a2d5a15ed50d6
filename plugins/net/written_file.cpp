// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/written_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/unique_fd.h"

namespace slipway::net {

namespace {

Result<> make_folder(const std::filesystem::path &folder, FileReaders readers) {
    std::error_code error;
    std::filesystem::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), readers == FileReaders::all ? 0755 : 0700) != 0 && errno != EEXIST)
        return errno_failure("make " + folder.string(), errno);
    return {};
}

Result<> write_all(int fd, std::string_view text, const std::string &path) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno != EINTR)
            return errno_failure("write " + path, errno);
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    return {};
}

} // namespace

Result<> write_file(const std::string &path, std::string_view text, FileReaders readers) {
    if (auto made = make_folder(std::filesystem::path(path).parent_path(), readers); !made)
        return made;
    const mode_t mode = readers == FileReaders::all ? 0644 : 0600;
    const std::string draft = path + ".new";
    (void)::unlink(draft.c_str());
    const UniqueFd file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    // The mask of this process must not hide it from its readers.
    if (!file || ::fchmod(file.get(), mode) != 0)
        return errno_failure("write " + draft, errno);
    auto written = write_all(file.get(), text, draft);
    if (written && std::rename(draft.c_str(), path.c_str()) != 0)
        written = errno_failure("write " + path, errno);
    if (!written)
        (void)::unlink(draft.c_str());
    return written;
}

} // namespace slipway::net
