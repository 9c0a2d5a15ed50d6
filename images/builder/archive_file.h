// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "builder/image_tree.h"

namespace slipway {

enum class Compression { none, zstd };

struct ArchiveOptions {
    Compression compression = Compression::zstd;
    int level = 3;          // zstd's
    std::int64_t mtime = 0; // of every entry, seconds since the epoch
};

// Writes the tree as a newc cpio archive, the format of the kernel's initramfs
// (Documentation/driver-api/early-userspace/buffer-format.rst), to `fd`. The same tree gives the
// same bytes. `interrupted` is asked between files and ends the work with ECANCELED.
[[nodiscard]] Result<> write_archive(int fd, const ImageTree &image, const ArchiveOptions &options,
                                     const std::function<bool()> &interrupted);

struct ArchivedEntry {
    std::string path; // without a leading slash
    ImageEntryKind kind = ImageEntryKind::file;
    unsigned mode = 0;
    std::uint64_t size_bytes = 0;
    std::string target;
};

// What an image holds, in its order. Any compression that libarchive knows.
[[nodiscard]] Result<std::vector<ArchivedEntry>> list_archive(const std::string &file);

// Copies the content of one regular file of an image to `sink`; links on the way are followed.
// ENOENT if there is none.
[[nodiscard]] Result<> read_archived_file(const std::string &file, std::string_view path,
                                          const std::function<Result<>(std::string_view)> &sink);

// Copies `source`, compressed by xz, zstd, gzip or not at all, uncompressed to `destination`, a
// new file.
[[nodiscard]] Result<> copy_decompressed(const std::string &source, const std::string &destination);

} // namespace slipway
