// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway {

struct RootLink {
    std::string path; // absolute in the root, without links
    std::string target;
};

// A path of a root after all its links have been followed.
struct RootFile {
    std::string path;            // absolute in the root, without links
    std::vector<RootLink> links; // passed on the way, in this order
    mode_t mode = 0;             // st_mode
};

// A directory tree that is looked at as if it were "/": links, also absolute ones and those with
// "..", are resolved inside it and never lead out, as after chroot(2) but without the rights for
// it.
class RootTree {
public:
    static constexpr int kMaxLinks = 40;

    // `directory`: "/" or the path of the tree's top on this machine.
    explicit RootTree(std::string_view directory);

    // "/" or a path without a slash at the end.
    [[nodiscard]] std::string name() const { return directory_.empty() ? "/" : directory_; }
    [[nodiscard]] bool is_host() const noexcept { return directory_.empty(); }
    // Where `path`, absolute and without links, is on this machine.
    [[nodiscard]] std::string host_path(std::string_view path) const;

    // ENOENT, ENOTDIR, ELOOP, EACCES …
    [[nodiscard]] Result<RootFile> resolve(std::string_view path) const;
    // As resolve(), but whatever keeps the path from being there is nothing.
    [[nodiscard]] std::optional<RootFile> find(std::string_view path) const;
    // The same for regular files only.
    [[nodiscard]] std::optional<RootFile> find_file(std::string_view path) const;
    // Names in a directory, sorted, without "." and ".."; empty if it is not there.
    [[nodiscard]] std::vector<std::string> list(std::string_view path) const;
    // At most `max_bytes`; EFBIG beyond.
    [[nodiscard]] Result<std::string> read_file(std::string_view path,
                                                std::size_t max_bytes = 1U << 20U) const;
    // Existing paths that match a glob(7) pattern with '*', '?' and '[…]', sorted. A pattern
    // without these gives itself if it exists.
    [[nodiscard]] std::vector<std::string> matching(std::string_view pattern) const;

private:
    std::string directory_; // "" for "/"
};

// A whole file of this machine; EFBIG if it has more than `max_bytes`.
[[nodiscard]] Result<std::string> read_host_file(const std::string &path,
                                                 std::size_t max_bytes = 1U << 20U);

} // namespace slipway
