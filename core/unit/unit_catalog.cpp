// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_catalog.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "unit/unit_verifier.h"

namespace slipway {

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
