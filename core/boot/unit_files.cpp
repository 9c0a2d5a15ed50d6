// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/unit_files.h"

#include <algorithm>
#include <iterator>

#include "unit/unit_verifier.h"

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
            sources.push_back({path, std::move(*text)});
        else
            problems.push_back({{path, 0}, text.error().message(), ""});
    }
}

} // namespace

UnitCatalog read_unit_files(System &system, const std::vector<std::string> &directories) {
    UnitCatalog catalog;
    std::vector<UnitSource> sources;
    for (const std::string &directory : directories)
        read_directory(system, directory, sources, catalog.problems);
    LoadedUnits loaded = load_units(sources);
    catalog.set = std::move(loaded.set);
    std::ranges::move(loaded.problems, std::back_inserter(catalog.problems));
    std::ranges::move(verify_units(catalog.set), std::back_inserter(catalog.problems));
    for (const UnitProblem &problem : catalog.problems) {
        if (problem.subject.empty())
            continue;
        catalog.broken.try_emplace(problem.subject, problem.text());
        std::erase_if(catalog.set.units,
                      [&problem](const Unit &unit) { return unit.name == problem.subject; });
    }
    return catalog;
}

} // namespace slipway
