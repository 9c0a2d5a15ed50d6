// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/library_finder.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

constexpr int kMaxIncludeDepth = 8;

// Debian's multiarch names (see Debian policy, "Multiarch").
constexpr std::array<std::pair<std::uint16_t, std::string_view>, 8> kTriplets = {{
    {EM_X86_64, "x86_64-linux-gnu"},
    {EM_AARCH64, "aarch64-linux-gnu"},
    {EM_386, "i386-linux-gnu"},
    {EM_ARM, "arm-linux-gnueabihf"},
    {EM_RISCV, "riscv64-linux-gnu"},
    {EM_PPC64, "powerpc64le-linux-gnu"},
    {EM_S390, "s390x-linux-gnu"},
    {EM_LOONGARCH, "loongarch64-linux-gnu"},
}};

void replace_all(std::string &text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::vector<std::string> with_origin(const std::vector<std::string> &directories,
                                     std::string_view origin) {
    std::vector<std::string> result = directories;
    for (std::string &directory : result) {
        replace_all(directory, "${ORIGIN}", origin);
        replace_all(directory, "$ORIGIN", origin);
    }
    return result;
}

} // namespace

LibraryFinder::LibraryFinder(const RootTree &root) : root_(root) {
    read_configuration("/etc/ld.so.conf", 0);
}

void LibraryFinder::read_configuration(const std::string &path, int depth) {
    const Result<std::string> text = root_.read_file(path);
    if (!text || depth > kMaxIncludeDepth)
        return;
    for (const std::string &line : split_words(*text, "\n")) {
        const std::vector<std::string> words = split_words(line.substr(0, line.find('#')));
        if (words.empty() || words.front() == "hwcap")
            continue;
        if (words.front() != "include") {
            for (const std::string &directory : split_words(words.front(), ":,"))
                if (directory.starts_with('/'))
                    configured_.push_back(directory);
            continue;
        }
        for (auto pattern = words.begin() + 1; pattern != words.end(); ++pattern) {
            const std::string absolute = pattern->starts_with('/') ? *pattern : "/etc/" + *pattern;
            for (const std::string &file : root_.matching(absolute))
                read_configuration(file, depth + 1);
        }
    }
}

std::vector<std::string> LibraryFinder::default_directories(const ElfNeeds &needs) {
    std::vector<std::string> directories;
    const auto *triplet =
        std::ranges::find(kTriplets, needs.machine, [](const auto &entry) { return entry.first; });
    if (triplet != kTriplets.end()) {
        directories.push_back(std::format("/usr/lib/{}", triplet->second));
        directories.push_back(std::format("/lib/{}", triplet->second));
    }
    if (needs.is_64bit) {
        directories.emplace_back("/usr/lib64");
        directories.emplace_back("/lib64");
    }
    directories.emplace_back("/usr/lib");
    directories.emplace_back("/lib");
    return directories;
}

std::optional<RootFile> LibraryFinder::find_in(const std::vector<std::string> &directories,
                                               std::string_view soname,
                                               const ElfNeeds &needs) const {
    for (const std::string &directory : directories) {
        if (!directory.starts_with('/'))
            continue;
        std::optional<RootFile> file = root_.find_file(std::format("{}/{}", directory, soname));
        if (file && is_elf_for(root_.host_path(file->path), needs.machine, needs.is_64bit))
            return file;
    }
    return std::nullopt;
}

std::optional<FoundLibrary> LibraryFinder::find(std::string_view soname, const ElfNeeds &needs,
                                                std::string_view origin) const {
    if (soname.contains('/')) {
        std::optional<RootFile> file =
            root_.find_file(with_origin({std::string(soname)}, origin)[0]);
        return file ? std::optional(FoundLibrary{std::move(*file), false}) : std::nullopt;
    }
    const std::vector<std::string> own = default_directories(needs);
    const auto &run = needs.runpath.empty() ? needs.rpath : needs.runpath;
    if (auto file = find_in(with_origin(run, origin), soname, needs))
        return FoundLibrary{std::move(*file), false};
    // Debian lists the loader's own directories in ld.so.conf too, and its ld.so.cache prefers what
    // stands first there.
    for (const std::string &directory : configured_) {
        if (auto file = find_in({directory}, soname, needs))
            return FoundLibrary{std::move(*file), std::ranges::find(own, directory) == own.end()};
    }
    if (auto file = find_in(own, soname, needs))
        return FoundLibrary{std::move(*file), false};
    return std::nullopt;
}

} // namespace slipway
