// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_tree.h"

#include <cerrno>
#include <deque>
#include <format>
#include <iterator>

#include "base/text.h"

namespace slipway {

namespace {

std::string_view kind_name(ImageEntryKind kind) {
    switch (kind) {
    case ImageEntryKind::directory:
        return "a directory";
    case ImageEntryKind::file:
        return "a file";
    case ImageEntryKind::link:
        return "a link";
    case ImageEntryKind::character_device:
        return "a device node";
    }
    return "an entry";
}

ImageEntry entry_of(ImageEntryKind kind, unsigned mode, std::string_view reason) {
    ImageEntry entry;
    entry.kind = kind;
    entry.mode = mode;
    entry.reason = reason;
    return entry;
}

void put_in_front(std::deque<std::string> &rest, std::string_view path) {
    const std::vector<std::string> words = split_words(path, "/");
    rest.insert(rest.begin(), words.begin(), words.end());
}

} // namespace

Result<std::string> ImageTree::place(std::string_view path, bool follow_last) const {
    std::deque<std::string> rest;
    put_in_front(rest, path);
    std::vector<std::string> done;
    int links = 0;
    while (!rest.empty()) {
        const std::string word = rest.front();
        rest.pop_front();
        if (word == ".")
            continue;
        if (word == "..") {
            if (!done.empty())
                done.pop_back();
            continue;
        }
        done.push_back(word);
        const ImageEntry *entry = find(join(done, "/"));
        const bool follow = entry != nullptr && entry->kind == ImageEntryKind::link &&
                            (!rest.empty() || follow_last);
        if (!follow)
            continue;
        if (++links > kMaxLinks)
            return errno_failure(std::format("follow the links of {} in the image", path), ELOOP);
        done.pop_back();
        if (entry->target.starts_with('/'))
            done.clear();
        put_in_front(rest, entry->target);
    }
    return join(done, "/");
}

const ImageEntry *ImageTree::find(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

Result<> ImageTree::add(std::string_view path, ImageEntry entry) {
    const Result<std::string> key = place(path);
    if (!key)
        return std::unexpected(key.error());
    if (key->empty())
        return {};
    // A directory that stands where the image has a link to a directory is that directory.
    const ImageEntry *old = find(*key);
    const bool link_for_directory = old != nullptr && old->kind == ImageEntryKind::link &&
                                    entry.kind == ImageEntryKind::directory;
    if (old != nullptr && !link_for_directory && old->kind != entry.kind &&
        (old->kind == ImageEntryKind::directory || entry.kind == ImageEntryKind::directory)) {
        return failure(std::format("/{} would be both {} ({}) and {} ({}) in the image; leave one "
                                   "of the two out",
                                   *key, kind_name(old->kind), old->reason, kind_name(entry.kind),
                                   entry.reason),
                       EEXIST);
    }
    if (old != nullptr)
        return {};
    if (Result<> parents = add_parents(*key); !parents)
        return parents;
    entries_.emplace(*key, std::move(entry));
    return {};
}

Result<> ImageTree::add_parents(const std::string &key) {
    for (std::size_t slash = key.find('/'); slash != std::string::npos;
         slash = key.find('/', slash + 1)) {
        const std::string parent = key.substr(0, slash);
        const auto [position, is_new] = entries_.try_emplace(
            parent, entry_of(ImageEntryKind::directory, 0755, std::format("holds /{}", key)));
        if (!is_new && position->second.kind != ImageEntryKind::directory) {
            return failure(std::format("/{} cannot be in the image: /{} is {} there ({})", key,
                                       parent, kind_name(position->second.kind),
                                       position->second.reason),
                           ENOTDIR);
        }
    }
    return {};
}

Result<> ImageTree::add_directory(std::string_view path, std::string_view reason) {
    return add(path, entry_of(ImageEntryKind::directory, 0755, reason));
}

Result<> ImageTree::add_file(std::string_view path, std::string_view source, unsigned mode,
                             std::string_view reason) {
    ImageEntry entry = entry_of(ImageEntryKind::file, mode & 0777U, reason);
    entry.source = source;
    return add(path, std::move(entry));
}

Result<> ImageTree::add_text(std::string_view path, std::string content, std::string_view reason,
                             unsigned mode) {
    ImageEntry entry = entry_of(ImageEntryKind::file, mode, reason);
    entry.content = std::move(content);
    return add(path, std::move(entry));
}

Result<> ImageTree::add_link(std::string_view path, std::string_view target,
                             std::string_view reason) {
    ImageEntry entry = entry_of(ImageEntryKind::link, 0777, reason);
    entry.target = target;
    return add(path, std::move(entry));
}

Result<> ImageTree::add_character_device(std::string_view path, unsigned major, unsigned minor,
                                         unsigned mode, std::string_view reason) {
    ImageEntry entry = entry_of(ImageEntryKind::character_device, mode, reason);
    entry.major = major;
    entry.minor = minor;
    return add(path, std::move(entry));
}

} // namespace slipway
