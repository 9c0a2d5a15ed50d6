// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/elf_needs.h"
#include "builder/root_tree.h"

namespace slipway {

struct FoundLibrary {
    RootFile file;
    // The loader in the image has no ld.so.cache; a library that it would find only through
    // ld.so.conf needs a link in one of the loader's own directories.
    bool needs_link = false;
};

// Finds shared libraries in one root in the order of ld.so(8): DT_RPATH (only without DT_RUNPATH),
// DT_RUNPATH, the directories of /etc/ld.so.conf, the loader's own directories. Libraries for
// another machine or word size are passed over. LD_LIBRARY_PATH does not count: it is no property
// of the root.
class LibraryFinder {
public:
    explicit LibraryFinder(const RootTree &root);

    // `origin`: the directory of the file that needs `soname`, for $ORIGIN. A soname with a slash
    // is a path.
    [[nodiscard]] std::optional<FoundLibrary> find(std::string_view soname, const ElfNeeds &needs,
                                                   std::string_view origin) const;

    // Where the loader for this machine looks by itself, the best first.
    [[nodiscard]] static std::vector<std::string> default_directories(const ElfNeeds &needs);

    [[nodiscard]] const std::vector<std::string> &configured_directories() const noexcept {
        return configured_;
    }

private:
    [[nodiscard]] std::optional<RootFile> find_in(const std::vector<std::string> &directories,
                                                  std::string_view soname,
                                                  const ElfNeeds &needs) const;
    void read_configuration(const std::string &path, int depth);

    const RootTree &root_;
    std::vector<std::string> configured_;
};

} // namespace slipway
