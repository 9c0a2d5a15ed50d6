// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway {

enum class ImageEntryKind { directory, file, link, character_device };

struct ImageEntry {
    ImageEntryKind kind = ImageEntryKind::directory;
    unsigned mode = 0755; // permission bits; owner and group are always 0
    std::string source;   // file: where on this machine its bytes are; "" means `content`
    std::string content;  // file without source
    std::string target;   // link
    unsigned major = 0;   // character device
    unsigned minor = 0;
    std::string reason; // why it is in the image, for people
};

// What the image will hold: path → entry, and nothing is read until it is written. Paths are
// absolute paths of the image; the keys are without the leading slash and sorted, so that a
// directory always stands before what is in it. Directories on the way are made by themselves.
//
// Adding the same path twice keeps the first entry; a path that is once a directory and once
// something else is an error.
class ImageTree {
public:
    static constexpr int kMaxLinks = 40; // as in the kernel, path_resolution(7)

    [[nodiscard]] Result<> add_directory(std::string_view path, std::string_view reason);
    [[nodiscard]] Result<> add_file(std::string_view path, std::string_view source, unsigned mode,
                                    std::string_view reason);
    [[nodiscard]] Result<> add_text(std::string_view path, std::string content,
                                    std::string_view reason, unsigned mode = 0644);
    [[nodiscard]] Result<> add_link(std::string_view path, std::string_view target,
                                    std::string_view reason);
    [[nodiscard]] Result<> add_character_device(std::string_view path, unsigned major,
                                                unsigned minor, unsigned mode,
                                                std::string_view reason);

    // The key of `path`: links of the image are followed in all components but the last, and in the
    // last one too with `follow_last`. ".." never leaves the image. ELOOP after kMaxLinks links.
    [[nodiscard]] Result<std::string> place(std::string_view path, bool follow_last = false) const;

    // nullptr if there is none; `key` as place() returns it.
    [[nodiscard]] const ImageEntry *find(std::string_view key) const;
    [[nodiscard]] const std::map<std::string, ImageEntry, std::less<>> &entries() const noexcept {
        return entries_;
    }

private:
    [[nodiscard]] Result<> add(std::string_view path, ImageEntry entry);
    [[nodiscard]] Result<> add_parents(const std::string &key);

    std::map<std::string, ImageEntry, std::less<>> entries_;
};

} // namespace slipway
