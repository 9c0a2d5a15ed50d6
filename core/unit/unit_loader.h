// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "unit/unit.h"

namespace slipway {

// One TOML text. `file` is used in messages only.
struct UnitSource {
    std::string file;
    std::string text;
    std::string plugin = {}; // of units that name none: the importer
};

struct LoadedUnits {
    UnitSet set;
    std::vector<UnitProblem> problems; // in the order of the sources, all of them
};

// Takes over the keys that the drop-ins for this unit name.
void apply_overrides(const std::vector<Override> &overrides, Unit &unit);

// Parses unit files (docs/units.md). Pure: reading the files is the caller's business. What is bad
// is left out of the set and named in the problems; the rest is usable.
// `known` holds what was loaded before: instances may inherit from its templates. Imported text
// comes from a worker and is not trusted: sizes are bounded, and `[plugin]` tables are refused when
// `known` is given.
[[nodiscard]] LoadedUnits load_units(const std::vector<UnitSource> &sources,
                                     const UnitSet *known = nullptr);

} // namespace slipway
