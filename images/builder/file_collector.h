// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "builder/elf_needs.h"
#include "builder/image_tree.h"
#include "builder/library_finder.h"
#include "builder/problems.h"
#include "builder/root_tree.h"

namespace slipway {

// A library that a .note.dlopen names and the image does not hold, for the manifest.
struct LeftOutLibrary {
    std::string soname;
    std::string wanted_by;
    std::string feature;
    std::string priority;
};

// Who wants something in the image. An optional thing may be absent from the root.
struct Want {
    std::string reason;
    bool optional = false;
};

// Copies files of the roots into the image tree with everything they need to run: the chain of
// links that leads to them, shared libraries, the ELF interpreter or the interpreter of a script.
// What is missing becomes a problem with a remedy; collecting goes on.
class FileCollector {
public:
    // `roots` are searched in this order, then "/"; the first is the target root, and what is taken
    // from "/" although it is not among them is worth a notice. All references outlive the
    // collector.
    FileCollector(ImageTree &image, const std::vector<const RootTree *> &roots, Problems &problems);

    // `name`: a path, or a name below /usr/sbin, /usr/bin, /sbin, /bin of the target root.
    bool add_program(std::string_view name, const Want &want);
    bool add_library(std::string_view soname, const Want &want);
    // A path of the target root, or a glob(7) pattern; with settings in braces (setting.h).
    void add_files(std::string_view pattern_or_template, const Want &want);
    // A directory with all that is in it.
    void add_directory(std::string_view path, const Want &want);
    // One file from the first root that has it, in the order of the constructor.
    bool add_file_of_any_root(std::string_view path, const Want &want);
    // A file or directory of this machine, put at `destination`.
    void add_host_file(const std::string &source, const std::string &destination, const Want &want);

    // The program's path, if the target root has it.
    [[nodiscard]] std::optional<RootFile> find_program(std::string_view name) const;
    // Whether add_program() would find it.
    [[nodiscard]] bool has_program(std::string_view name) const {
        return look_for_program(name).has_value();
    }

    // Follows the needs of everything that was added since the last call.
    void finish();

    [[nodiscard]] const std::vector<LeftOutLibrary> &left_out() const noexcept { return left_out_; }

private:
    struct Source {
        const RootTree *root;
        LibraryFinder libraries;
    };
    // A file whose needs are to be followed. `name`: its path for people.
    struct Pending {
        const Source *source;
        RootFile file;
        std::string name;
    };

    struct Found {
        const Source *source;
        RootFile file;
    };

    [[nodiscard]] std::optional<Found> look_for_program(std::string_view name) const;
    // What is slipway's own lies where slipway is installed.
    [[nodiscard]] std::optional<Found> find_own_file(std::string_view path) const;
    void add(const Source &source, const RootFile &file, std::string_view reason);
    void add_links(const RootFile &file, std::string_view reason);
    void add_tree(const Source &source, const RootFile &file, std::string_view reason, int depth);
    void follow(const Pending &pending);
    void follow_dlopen_notes(const Pending &pending, const ElfNeeds &needs);
    void follow_script(const Pending &pending);
    [[nodiscard]] bool add_own_file(std::string_view path, const Want &want);
    void add_interpreter(const Pending &pending, const std::string &interpreter);
    [[nodiscard]] bool add_needed(const Pending &pending, std::string_view soname,
                                  const ElfNeeds &needs);
    void add_found(const Source &source, const FoundLibrary &library, std::string_view soname,
                   const ElfNeeds &needs, std::string_view reason);
    void missing(std::string_view what, std::string_view name, const Want &want);
    void notice_foreign(const Source &source, std::string_view path, std::string_view reason);
    [[nodiscard]] std::optional<ElfNeeds> elf_of_target();

    ImageTree &image_;
    Problems &problems_;
    RootTree host_{"/"};
    std::deque<Source> sources_;
    std::deque<Pending> pending_;
    std::set<std::pair<const RootTree *, std::string>> queued_;
    std::set<std::string> resolved_; // "soname machine class" that needs no second search
    std::set<std::string> noticed_;
    std::vector<LeftOutLibrary> left_out_;
};

} // namespace slipway
