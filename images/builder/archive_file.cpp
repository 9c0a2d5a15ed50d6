// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/archive_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>
#include <memory>
#include <thread>

#include "base/unique_fd.h"

namespace slipway {

namespace {

constexpr std::size_t kBlockBytes = 1U << 16U;
constexpr std::size_t kMaxEntries = 1'000'000;

struct WriteEnd {
    void operator()(archive *handle) const noexcept { ::archive_write_free(handle); }
};
using WriteHandle = std::unique_ptr<archive, WriteEnd>;

struct ReadEnd {
    void operator()(archive *handle) const noexcept { ::archive_read_free(handle); }
};
using ReadHandle = std::unique_ptr<archive, ReadEnd>;

struct EntryEnd {
    void operator()(archive_entry *entry) const noexcept { ::archive_entry_free(entry); }
};
using EntryHandle = std::unique_ptr<archive_entry, EntryEnd>;

std::unexpected<Error> archive_failure(std::string_view what, archive *handle) {
    const char *why = ::archive_error_string(handle);
    return failure(std::format("{}: {}", what, why != nullptr ? why : "unknown reason"),
                   ::archive_errno(handle));
}

Result<> write_all(int fd, std::string_view bytes, std::string_view what) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno_failure(what, errno);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

// --- writing -------------------------------------------------------------------------------

Result<WriteHandle> open_writer(int fd, const ArchiveOptions &options) {
    WriteHandle handle(::archive_write_new());
    archive *raw = handle.get();
    bool good = ::archive_write_set_format_cpio_newc(raw) == ARCHIVE_OK;
    if (options.compression == Compression::zstd) {
        // Any number of threads but 0 gives the same bytes; the kernel wants one frame (the
        // default).
        const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
        good = good && ::archive_write_add_filter_zstd(raw) == ARCHIVE_OK &&
               ::archive_write_set_filter_option(raw, "zstd", "compression-level",
                                                 std::to_string(options.level).c_str()) ==
                   ARCHIVE_OK &&
               ::archive_write_set_filter_option(raw, "zstd", "threads",
                                                 std::to_string(threads).c_str()) == ARCHIVE_OK;
    }
    // No padding to tape records: what follows the trailer would be taken for another archive.
    good = good && ::archive_write_set_bytes_in_last_block(raw, 1) == ARCHIVE_OK &&
           ::archive_write_open_fd(raw, fd) == ARCHIVE_OK;
    if (!good)
        return archive_failure("start the image's archive", raw);
    return handle;
}

unsigned file_type_of(ImageEntryKind kind) {
    switch (kind) {
    case ImageEntryKind::directory:
        return AE_IFDIR;
    case ImageEntryKind::file:
        return AE_IFREG;
    case ImageEntryKind::link:
        return AE_IFLNK;
    case ImageEntryKind::character_device:
        return AE_IFCHR;
    }
    return AE_IFREG;
}

Result<> write_header(archive *handle, const std::string &path, const ImageEntry &entry,
                      std::uint64_t size_bytes, std::int64_t inode, std::int64_t mtime) {
    const EntryHandle header(::archive_entry_new());
    archive_entry *raw = header.get();
    ::archive_entry_set_pathname(raw, path.c_str());
    ::archive_entry_set_filetype(raw, file_type_of(entry.kind));
    ::archive_entry_set_perm(raw, static_cast<mode_t>(entry.mode));
    ::archive_entry_set_uid(raw, 0);
    ::archive_entry_set_gid(raw, 0);
    ::archive_entry_set_ino64(raw, inode);
    ::archive_entry_set_nlink(raw, entry.kind == ImageEntryKind::directory ? 2 : 1);
    ::archive_entry_set_mtime(raw, mtime, 0);
    ::archive_entry_set_size(raw, static_cast<la_int64_t>(size_bytes));
    if (entry.kind == ImageEntryKind::link)
        ::archive_entry_set_symlink(raw, entry.target.c_str());
    if (entry.kind == ImageEntryKind::character_device) {
        ::archive_entry_set_rdevmajor(raw, entry.major);
        ::archive_entry_set_rdevminor(raw, entry.minor);
    }
    if (::archive_write_header(handle, raw) != ARCHIVE_OK)
        return archive_failure("write /" + path + " to the image", handle);
    return {};
}

Result<> write_bytes(archive *handle, const std::string &path, const char *bytes,
                     std::size_t count) {
    if (::archive_write_data(handle, bytes, count) != static_cast<la_ssize_t>(count))
        return archive_failure("write /" + path + " to the image", handle);
    return {};
}

Result<> write_source(archive *handle, const std::string &path, const ImageEntry &entry,
                      std::int64_t inode, std::int64_t mtime) {
    const UniqueFd fd(::open(entry.source.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW));
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        return errno_failure("open " + entry.source, errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (Result<> header = write_header(handle, path, entry, size, inode, mtime); !header)
        return header;
    std::array<char, kBlockBytes> buffer{};
    std::uint64_t copied = 0;
    for (;;) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno_failure("read " + entry.source, errno);
        copied += static_cast<std::uint64_t>(count);
        if ((count == 0 && copied != size) || copied > size)
            return failure(
                std::format("{} changed while it was copied; build the image again", entry.source));
        if (count == 0)
            return {};
        if (Result<> data =
                write_bytes(handle, path, buffer.data(), static_cast<std::size_t>(count));
            !data)
            return data;
    }
}

Result<> write_entry(archive *handle, const std::string &path, const ImageEntry &entry,
                     std::int64_t inode, std::int64_t mtime) {
    if (!entry.source.empty())
        return write_source(handle, path, entry, inode, mtime);
    Result<> header = write_header(handle, path, entry, entry.content.size(), inode, mtime);
    if (!header || entry.content.empty())
        return header;
    return write_bytes(handle, path, entry.content.data(), entry.content.size());
}

// --- reading -------------------------------------------------------------------------------

Result<ReadHandle> open_reader(const std::string &file, bool raw_format) {
    ReadHandle handle(::archive_read_new());
    archive *raw = handle.get();
    ::archive_read_support_filter_all(raw);
    if (raw_format) {
        ::archive_read_support_format_raw(raw);
        ::archive_read_support_format_empty(raw);
    } else {
        ::archive_read_support_format_cpio(raw);
    }
    if (::archive_read_open_filename(raw, file.c_str(), kBlockBytes) != ARCHIVE_OK)
        return archive_failure("read " + file, raw);
    return handle;
}

ArchivedEntry entry_from(archive_entry *entry) {
    ArchivedEntry result;
    const char *path = ::archive_entry_pathname(entry);
    const char *target = ::archive_entry_symlink(entry);
    result.path = path != nullptr ? path : "";
    if (result.path.starts_with("./"))
        result.path.erase(0, 2);
    result.target = target != nullptr ? target : "";
    result.mode = ::archive_entry_perm(entry);
    result.size_bytes = static_cast<std::uint64_t>(::archive_entry_size(entry));
    switch (::archive_entry_filetype(entry)) {
    case AE_IFDIR:
        result.kind = ImageEntryKind::directory;
        break;
    case AE_IFLNK:
        result.kind = ImageEntryKind::link;
        break;
    case AE_IFCHR:
    case AE_IFBLK:
        result.kind = ImageEntryKind::character_device;
        break;
    default:
        result.kind = ImageEntryKind::file;
    }
    return result;
}

Result<> pass_data(archive *handle, const std::string &file,
                   const std::function<Result<>(std::string_view)> &sink) {
    std::array<char, kBlockBytes> buffer{};
    for (;;) {
        const la_ssize_t count = ::archive_read_data(handle, buffer.data(), buffer.size());
        if (count < 0)
            return archive_failure("read " + file, handle);
        if (count == 0)
            return {};
        if (Result<> taken = sink({buffer.data(), static_cast<std::size_t>(count)}); !taken)
            return taken;
    }
}

// The key of `path` in the archive after all links.
Result<std::string> place_in(const std::vector<ArchivedEntry> &entries, std::string_view path) {
    ImageTree links;
    for (const ArchivedEntry &entry : entries) {
        if (entry.kind != ImageEntryKind::link)
            continue;
        if (Result<> added = links.add_link(entry.path, entry.target, ""); !added)
            return std::unexpected(added.error());
    }
    return links.place(path, /*follow_last=*/true);
}

} // namespace

Result<> write_archive(int fd, const ImageTree &image, const ArchiveOptions &options,
                       const std::function<bool()> &interrupted) {
    const Result<WriteHandle> handle = open_writer(fd, options);
    if (!handle)
        return std::unexpected(handle.error());
    // The inode number is the place in the sorted list: stable, and no two entries are hard links.
    std::int64_t inode = 0;
    for (const auto &[path, entry] : image.entries()) {
        if (interrupted && interrupted())
            return failure("interrupted", ECANCELED);
        if (Result<> written = write_entry(handle->get(), path, entry, ++inode, options.mtime);
            !written)
            return written;
    }
    if (::archive_write_close(handle->get()) != ARCHIVE_OK)
        return archive_failure("finish the image's archive", handle->get());
    return {};
}

Result<std::vector<ArchivedEntry>> list_archive(const std::string &file) {
    const Result<ReadHandle> handle = open_reader(file, /*raw_format=*/false);
    if (!handle)
        return std::unexpected(handle.error());
    std::vector<ArchivedEntry> entries;
    archive_entry *entry = nullptr;
    int result = ARCHIVE_OK;
    while ((result = ::archive_read_next_header(handle->get(), &entry)) == ARCHIVE_OK) {
        if (entries.size() == kMaxEntries)
            return failure(std::format("read {}: more than {} entries", file, kMaxEntries), EFBIG);
        entries.push_back(entry_from(entry));
    }
    if (result != ARCHIVE_EOF)
        return archive_failure("read " + file, handle->get());
    return entries;
}

Result<> read_archived_file(const std::string &file, std::string_view path,
                            const std::function<Result<>(std::string_view)> &sink) {
    const Result<std::vector<ArchivedEntry>> entries = list_archive(file);
    if (!entries)
        return std::unexpected(entries.error());
    const Result<std::string> key = place_in(*entries, path);
    if (!key)
        return std::unexpected(key.error());
    const Result<ReadHandle> handle = open_reader(file, /*raw_format=*/false);
    if (!handle)
        return std::unexpected(handle.error());
    archive_entry *entry = nullptr;
    while (::archive_read_next_header(handle->get(), &entry) == ARCHIVE_OK) {
        const ArchivedEntry found = entry_from(entry);
        if (found.path == *key && found.kind == ImageEntryKind::file)
            return pass_data(handle->get(), file, sink);
    }
    return failure(
        std::format("{} holds no file {}; `slipway ls {}` lists what it holds", file, path, file),
        ENOENT);
}

Result<> copy_decompressed(const std::string &source, const std::string &destination) {
    const UniqueFd out(
        ::open(destination.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!out)
        return errno_failure("make " + destination, errno);
    const Result<ReadHandle> handle = open_reader(source, /*raw_format=*/true);
    if (!handle)
        return std::unexpected(handle.error());
    archive_entry *entry = nullptr;
    const int result = ::archive_read_next_header(handle->get(), &entry);
    if (result == ARCHIVE_EOF)
        return {};
    if (result != ARCHIVE_OK)
        return archive_failure("read " + source, handle->get());
    return pass_data(handle->get(), source, [&](std::string_view bytes) {
        return write_all(out.get(), bytes, "write " + destination);
    });
}

} // namespace slipway
