// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway {

// A file that replaces another one as a whole or not at all. It has no name until commit() where
// the file system can do that (O_TMPFILE, open(2)), so that even SIGKILL leaves nothing behind; on
// FAT and the like it is ".<name>.slipway-new", which an object that is not committed removes and
// the next build overwrites.
class AtomicFile {
public:
    // A `path` that is a link stays one: what it points to is replaced. Errors: the directory is
    // missing or read only, or `path` is no regular file.
    [[nodiscard]] static Result<AtomicFile> create(const std::string &path, mode_t mode);

    AtomicFile(AtomicFile &&other) noexcept;
    AtomicFile &operator=(AtomicFile &&other) = delete;
    AtomicFile(const AtomicFile &) = delete;
    AtomicFile &operator=(const AtomicFile &) = delete;
    ~AtomicFile();

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    // Writes everything to the disk (fsync(2) of file and directory) and gives it the name.
    [[nodiscard]] Result<> commit();

private:
    AtomicFile(std::string path, UniqueFd fd, bool has_name)
        : path_(std::move(path)), fd_(std::move(fd)), has_name_(has_name) {}

    std::string path_;
    UniqueFd fd_;
    bool has_name_; // the temporary name exists
};

} // namespace slipway
