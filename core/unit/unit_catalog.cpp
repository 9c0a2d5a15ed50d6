// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_catalog.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "unit/toml_reader.h"
#include "unit/unit_verifier.h"

namespace slipway {

namespace {

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

} // namespace

void add_unit_source(std::vector<UnitSource> &sources, UnitSource source) {
    std::erase_if(sources, [&source](const UnitSource &other) {
        return base_name(other.file) == base_name(source.file);
    });
    sources.push_back(std::move(source));
}

void keep_device_backend(std::vector<UnitSource> &sources, std::string_view backend) {
    std::erase_if(sources, [backend](const UnitSource &source) {
        const auto file = parse_toml(source.text, source.file);
        if (!file)
            return false; // whoever loads it says what is wrong
        const std::string named = (*file)["devices"]["backend"].value_or(std::string());
        return !named.empty() && named != backend;
    });
}

UnitCatalog make_catalog(std::vector<UnitSource> sources) {
    UnitCatalog catalog;
    LoadedUnits loaded = load_units(sources);
    catalog.set = std::move(loaded.set);
    catalog.problems = std::move(loaded.problems);
    std::ranges::move(verify_units(catalog.set), std::back_inserter(catalog.problems));
    for (const UnitProblem &problem : catalog.problems) {
        if (problem.subject.empty())
            continue;
        catalog.broken.try_emplace(problem.subject, problem.text());
        std::erase_if(catalog.set.units,
                      [&problem](const Unit &unit) { return unit.name == problem.subject; });
    }
    catalog.sources = std::move(sources);
    return catalog;
}

} // namespace slipway
