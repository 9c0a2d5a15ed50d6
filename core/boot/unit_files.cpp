// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/unit_files.h"

#include <utility>

namespace slipway {

namespace {

void read_directory(System &system, const std::string &directory, std::vector<UnitSource> &sources,
                    std::vector<UnitProblem> &problems) {
    const auto names = system.list_directory(directory);
    if (!names)
        return;
    for (const std::string &name : *names) {
        // options.toml holds known words of the command line (known_options.h), no units.
        if (!name.ends_with(".toml") || name == "options.toml")
            continue;
        const std::string path = directory + "/" + name;
        auto text = system.read_file(path);
        if (text)
            add_unit_source(sources, {path, std::move(*text)});
        else
            problems.push_back({{path, 0}, text.error().message(), ""});
    }
}

} // namespace

UnitCatalog read_unit_files(System &system, const std::vector<std::string> &directories) {
    std::vector<UnitSource> sources;
    std::vector<UnitProblem> unreadable;
    for (const std::string &directory : directories)
        read_directory(system, directory, sources, unreadable);
    UnitCatalog catalog = make_catalog(std::move(sources));
    catalog.problems.insert(catalog.problems.begin(), unreadable.begin(), unreadable.end());
    return catalog;
}

} // namespace slipway
