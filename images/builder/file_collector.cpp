// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/file_collector.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <format>
#include <iterator>

#include "base/text.h"
#include "builder/setting.h"

namespace slipway {

namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxPending = 100'000; // files; a whole distribution has about as many

std::string directory_of(std::string_view path) {
    return std::string(path.substr(0, path.rfind('/')));
}

// A relative link that is placed in another directory than the root's points elsewhere, so it
// becomes absolute. That happens only where the root keeps /bin or /lib apart from /usr.
std::string target_for(const ImageTree &image, const RootLink &link) {
    if (link.target.starts_with('/'))
        return link.target;
    const std::string directory = directory_of(link.path);
    const Result<std::string> placed = image.place(link.path);
    if (!placed || directory_of("/" + *placed) == directory)
        return link.target;
    return directory + "/" + link.target;
}

} // namespace

FileCollector::FileCollector(ImageTree &image, const std::vector<const RootTree *> &roots,
                             Problems &problems)
    : image_(image), problems_(problems) {
    for (const RootTree *root : roots)
        sources_.push_back({root, LibraryFinder(*root)});
    sources_.push_back({&host_, LibraryFinder(host_)});
}

void FileCollector::missing(std::string_view what, std::string_view name, const Want &want) {
    if (want.optional)
        return;
    const std::string root = sources_.front().root->name();
    problems_.add(std::format("the {} {} ({}) is not in {}; install the package that holds it "
                              "there, or leave out what needs it",
                              what, name, want.reason, root));
}

void FileCollector::add_links(const RootFile &file, std::string_view reason) {
    for (const RootLink &link : file.links)
        problems_.check(image_.add_link(link.path, target_for(image_, link), reason));
}

void FileCollector::add(const Source &source, const RootFile &file, std::string_view reason) {
    add_links(file, reason);
    if (!S_ISREG(file.mode)) {
        if (S_ISDIR(file.mode))
            problems_.check(image_.add_directory(file.path, reason));
        else
            problems_.notice(std::format("{} is no file, link or directory and was left out",
                                         source.root->host_path(file.path)));
        return;
    }
    problems_.check(
        image_.add_file(file.path, source.root->host_path(file.path), file.mode, reason));
    if (queued_.insert({source.root, file.path}).second && pending_.size() < kMaxPending)
        pending_.push_back({&source, file, file.path});
}

std::optional<RootFile> FileCollector::find_program(std::string_view name) const {
    const RootTree &root = *sources_.front().root;
    if (name.starts_with('/'))
        return root.find_file(name);
    for (const std::string_view directory : {"/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
        if (auto file = root.find_file(std::format("{}/{}", directory, name)))
            return file;
    }
    return std::nullopt;
}

std::optional<FileCollector::Found> FileCollector::find_own_file(std::string_view path) const {
    // The last source is the host, and its files are none of the image.
    for (auto source = std::next(sources_.begin());
         path.starts_with('/') && source != std::prev(sources_.end()); ++source) {
        if (auto file = source->root->find_file(path))
            return Found{&*source, *std::move(file)};
    }
    return std::nullopt;
}

std::optional<FileCollector::Found> FileCollector::look_for_program(std::string_view name) const {
    if (auto file = find_program(name))
        return Found{&sources_.front(), *std::move(file)};
    return find_own_file(name);
}

bool FileCollector::add_program(std::string_view name, const Want &want) {
    const auto found = look_for_program(name);
    if (found)
        add(*found->source, found->file, want.reason);
    else
        missing("program", name, want);
    return found.has_value();
}

bool FileCollector::add_own_file(std::string_view path, const Want &want) {
    const auto found = find_own_file(path);
    if (found)
        add(*found->source, found->file, want.reason);
    return found.has_value();
}

// The machine and word size of libraries that are wanted by name: those of the first program.
std::optional<ElfNeeds> FileCollector::elf_of_target() {
    const RootTree &root = *sources_.front().root;
    for (const std::string_view name : {"sh", "mount", "kmod", "env", "true"}) {
        const std::optional<RootFile> file = find_program(name);
        if (!file)
            continue;
        if (auto needs = read_elf_needs(root.host_path(file->path)); needs && *needs) {
            ElfNeeds bare;
            bare.machine = (*needs)->machine;
            bare.is_64bit = (*needs)->is_64bit;
            return bare;
        }
    }
    return std::nullopt;
}

bool FileCollector::add_library(std::string_view soname, const Want &want) {
    if (soname.starts_with('/')) {
        if (const auto file = sources_.front().root->find_file(soname)) {
            add(sources_.front(), *file, want.reason);
            return true;
        }
    } else if (const std::optional<ElfNeeds> needs = elf_of_target()) {
        const Source &source = sources_.front();
        if (const auto library = source.libraries.find(soname, *needs, "")) {
            add_found(source, *library, soname, *needs, want.reason);
            return true;
        }
    }
    missing("library", soname, want);
    return false;
}

void FileCollector::add_files(std::string_view pattern_or_template, const Want &want) {
    const RootTree &root = *sources_.front().root;
    const auto expanded = expand_settings(root, pattern_or_template);
    if (!expanded)
        return missing("setting in", pattern_or_template, want);
    const std::string &pattern = *expanded;
    const std::vector<std::string> paths = root.matching(pattern);
    for (const std::string &path : paths) {
        const std::optional<RootFile> file = root.find(path);
        if (file && S_ISDIR(file->mode))
            problems_.add(std::format("{} ({}) is a directory; list it under `directories`", path,
                                      want.reason));
        else if (file)
            add(sources_.front(), *file, want.reason);
    }
    if (paths.empty() && !add_own_file(pattern, want))
        missing("file", pattern, want);
}

void FileCollector::add_directory(std::string_view path, const Want &want) {
    const std::optional<RootFile> file = sources_.front().root->find(path);
    if (!file || !S_ISDIR(file->mode))
        missing("directory", path, want);
    else
        add_tree(sources_.front(), *file, want.reason, 0);
}

void FileCollector::add_tree(const Source &source, const RootFile &file, std::string_view reason,
                             int depth) {
    add(source, file, reason);
    if (!S_ISDIR(file.mode))
        return;
    if (depth == kMaxDepth) {
        problems_.add(std::format("{} is nested deeper than {} directories",
                                  source.root->host_path(file.path), kMaxDepth));
        return;
    }
    for (const std::string &name : source.root->list(file.path)) {
        const std::string path = file.path + "/" + name;
        const std::optional<RootFile> child = source.root->find(path);
        // A link to a directory is taken as a link only: what it points to may be all of the root.
        if (child && S_ISDIR(child->mode) && child->path != path)
            add_links(*child, reason);
        else if (child)
            add_tree(source, *child, reason, depth + 1);
        else
            problems_.notice(
                std::format("{} points nowhere and was left out", source.root->host_path(path)));
    }
}

bool FileCollector::add_file_of_any_root(std::string_view path, const Want &want) {
    for (const Source &source : sources_) {
        if (const auto file = source.root->find_file(path)) {
            notice_foreign(source, path, want.reason);
            add(source, *file, want.reason);
            return true;
        }
    }
    missing("file", path, want);
    return false;
}

void FileCollector::add_host_file(const std::string &source, const std::string &destination,
                                  const Want &want) {
    const std::optional<RootFile> file = host_.find(source);
    if (!file || (!S_ISREG(file->mode) && !S_ISDIR(file->mode))) {
        problems_.add(std::format("{} ({}) is no readable file or directory of this system", source,
                                  want.reason));
        return;
    }
    if (S_ISDIR(file->mode)) {
        problems_.check(image_.add_directory(destination, want.reason));
        for (const std::string &name : host_.list(file->path))
            add_host_file(file->path + "/" + name, destination + "/" + name, want);
        return;
    }
    problems_.check(image_.add_file(destination, file->path, file->mode, want.reason));
    pending_.push_back({&sources_.back(), *file, destination});
}

void FileCollector::notice_foreign(const Source &source, std::string_view path,
                                   std::string_view reason) {
    if (source.root == sources_.front().root || !source.root->is_host())
        return;
    if (noticed_.insert(std::string(path)).second)
        problems_.notice(std::format("{} ({}) is not in {}; taken from this system", path, reason,
                                     sources_.front().root->name()));
}

void FileCollector::add_found(const Source &source, const FoundLibrary &library,
                              std::string_view soname, const ElfNeeds &needs,
                              std::string_view reason) {
    add(source, library.file, reason);
    if (!library.needs_link)
        return;
    // The loader searches its own directories only, so the link stands in the best one that exists.
    for (const std::string &directory : LibraryFinder::default_directories(needs)) {
        const std::optional<RootFile> place = source.root->find(directory);
        if (place && S_ISDIR(place->mode)) {
            problems_.check(image_.add_link(place->path + "/" + std::string(soname),
                                            library.file.path,
                                            "the loader in the image has no ld.so.cache"));
            return;
        }
    }
}

bool FileCollector::add_needed(const Pending &pending, std::string_view soname,
                               const ElfNeeds &needs) {
    // A RUNPATH can lead to another file of the same name, so only plain searches are remembered.
    const bool plain = needs.runpath.empty() && needs.rpath.empty();
    const std::string key = std::format("{} {} {}", soname, needs.machine, needs.is_64bit);
    if (plain && resolved_.contains(key))
        return true;
    const std::string origin = directory_of(pending.file.path);
    std::vector<const Source *> order = {pending.source};
    for (const Source &source : sources_)
        if (&source != pending.source)
            order.push_back(&source);
    // The target root goes first also for files of other roots: one libc for the whole image.
    std::ranges::stable_sort(order, {},
                             [this](const Source *source) { return source != &sources_.front(); });
    for (const Source *source : order) {
        const auto library = source->libraries.find(soname, needs, origin);
        if (!library)
            continue;
        const std::string reason = std::format("needed by {}", pending.name);
        notice_foreign(*source, soname, reason);
        add_found(*source, *library, soname, needs, reason);
        if (plain)
            resolved_.insert(key);
        return true;
    }
    return false;
}

void FileCollector::add_interpreter(const Pending &pending, const std::string &interpreter) {
    const Want want{std::format("interpreter of {}", pending.name)};
    if (!pending.source->root->find_file(interpreter) ||
        sources_.front().root->find_file(interpreter)) {
        (void)add_file_of_any_root(interpreter, want);
        return;
    }
    if (const auto file = pending.source->root->find_file(interpreter)) {
        notice_foreign(*pending.source, interpreter, want.reason);
        add(*pending.source, *file, want.reason);
    }
}

void FileCollector::follow_script(const Pending &pending) {
    if ((pending.file.mode & 0111U) == 0)
        return;
    const std::string host = pending.source->root->host_path(pending.file.path);
    const Result<std::string> text = read_host_file(host);
    if (!text || !text->starts_with("#!"))
        return;
    const std::string line = text->substr(2, std::min<std::size_t>(text->find('\n'), 256) - 2);
    const std::vector<std::string> words = split_words(line);
    if (words.empty())
        return;
    add_interpreter(pending, words[0]);
    // "#!/usr/bin/env python3" needs the second word as well.
    if (words[0].ends_with("/env") && words.size() > 1)
        (void)add_program(words[1], {std::format("interpreter of {}", pending.name)});
}

void FileCollector::follow_dlopen_notes(const Pending &pending, const ElfNeeds &needs) {
    for (const DlopenNote &note : needs.dlopen_notes) {
        const bool is_there = std::ranges::any_of(note.sonames, [&](const std::string &soname) {
            return note.priority == "required" && add_needed(pending, soname, needs);
        });
        if (is_there)
            continue;
        if (note.priority == "required")
            missing("library", join(note.sonames, " or "),
                    {std::format("loaded by {} for: {}", pending.name, note.feature)});
        else
            left_out_.push_back({note.sonames.front(), pending.name, note.feature, note.priority});
    }
}

void FileCollector::follow(const Pending &pending) {
    const std::string host = pending.source->root->host_path(pending.file.path);
    const Result<std::optional<ElfNeeds>> needs = read_elf_needs(host);
    if (!needs) {
        problems_.add(needs.error().message());
        return;
    }
    if (!*needs) {
        follow_script(pending);
        return;
    }
    if (!(*needs)->interpreter.empty())
        add_interpreter(pending, (*needs)->interpreter);
    for (const std::string &soname : (*needs)->needed) {
        if (!add_needed(pending, soname, **needs))
            missing("library", soname, {std::format("needed by {}", pending.name)});
    }
    follow_dlopen_notes(pending, **needs);
}

void FileCollector::finish() {
    while (!pending_.empty()) {
        const Pending pending = std::move(pending_.front());
        pending_.pop_front();
        follow(pending);
    }
    // What one file may load, another may need.
    std::set<std::string> there;
    for (const auto &[path, entry] : image_.entries())
        there.insert(path.substr(path.rfind('/') + 1));
    std::erase_if(left_out_,
                  [&](const LeftOutLibrary &library) { return there.contains(library.soname); });
}

} // namespace slipway
