// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/mount_words.h"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace slipway::virtfs {

namespace {

// mount(8). The second of each pair is what a mount has anyway.
constexpr auto kAttributes =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"nosuid", "suid"},
                                                                  {"nodev", "dev"},
                                                                  {"noexec", "exec"},
                                                                  {"noatime", "atime"},
                                                                  {"strictatime", "relatime"},
                                                                  {"nodiratime", "diratime"}});
// They say how the host should go about it, or nothing at all.
constexpr auto kWithoutEffect = std::to_array<std::string_view>(
    {"defaults", "auto", "noauto", "user", "nouser", "users", "_netdev", "nofail", "norelatime"});

bool is_without_effect(std::string_view word) {
    return std::ranges::contains(kWithoutEffect, word) || word.starts_with("x-") ||
           word.starts_with("X-") || word.starts_with("comment=");
}

class Reader {
public:
    explicit Reader(ShareType type) : type_(type) {}

    [[nodiscard]] Result<> read(const std::string &word);
    [[nodiscard]] MountWords finish(std::optional<bool> writable);

private:
    [[nodiscard]] bool read_attribute(std::string_view word);
    [[nodiscard]] bool has(std::string_view key) const {
        return std::ranges::any_of(words_.options, [&](std::string_view word) {
            return word.starts_with(key) && word.substr(key.size()).starts_with('=');
        });
    }

    ShareType type_;
    MountWords words_;
    std::optional<bool> writable_;
};

// Of two that contradict each other the later one counts.
bool Reader::read_attribute(std::string_view word) {
    for (const auto &[attribute, opposite] : kAttributes) {
        if (word != attribute && word != opposite)
            continue;
        std::erase(words_.attributes, attribute);
        if (word == attribute)
            words_.attributes.emplace_back(word);
        return true;
    }
    return false;
}

Result<> Reader::read(const std::string &word) {
    if (printable(word, word.size()) != word)
        return failure(std::format("rootflags= on the kernel command line: \"{}\" holds characters "
                                   "that no option has",
                                   printable(word, 80)));
    if (type_ == ShareType::ninep && word.starts_with("trans=") && word != "trans=virtio")
        return failure(std::format("rootflags={} on the kernel command line: a 9p root is a folder "
                                   "of the virtual machine's host; leave this option out",
                                   printable(word, 80)));
    if (word == "ro" || word == "rw")
        writable_ = word == "rw";
    else if (!read_attribute(word) && !is_without_effect(word))
        words_.options.push_back(word);
    return {};
}

MountWords Reader::finish(std::optional<bool> writable) {
    if (type_ == ShareType::ninep) {
        // The version that carries links, owners and locks as Linux has them.
        if (!has("cache")) // without it no file can be written through mmap(2)
            words_.options.insert(words_.options.begin(), "cache=mmap");
        if (!has("version"))
            words_.options.insert(words_.options.begin(), "version=9p2000.L");
        if (!has("trans"))
            words_.options.insert(words_.options.begin(), "trans=virtio");
    }
    words_.options.emplace_back(writable.value_or(writable_.value_or(false)) ? "rw" : "ro");
    return std::move(words_);
}

} // namespace

Result<MountWords> read_mount_words(ShareType type, const std::vector<std::string> &flags,
                                    std::optional<bool> writable) {
    Reader reader(type);
    for (const std::string &word : flags) {
        if (auto read = reader.read(word); !read)
            return std::unexpected(std::move(read).error());
    }
    return reader.finish(writable);
}

} // namespace slipway::virtfs
