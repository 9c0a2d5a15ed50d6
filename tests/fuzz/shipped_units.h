// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/require.h"
#include "unit/unit_catalog.h"
#include "unit/unit_loader.h"

namespace slipway::fuzz {

inline std::string shipped_file(const std::string &name) {
    std::ifstream file(std::filesystem::path(SLIPWAY_UNITS) / name, std::ios::binary);
    require(file.good(), "the shipped file can be read", name);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What slipway ships, as a boot has it before the first import.
inline const UnitSet &shipped_units() {
    static const UnitSet kUnits = [] {
        std::vector<UnitSource> sources;
        for (const auto &entry : std::filesystem::directory_iterator(SLIPWAY_UNITS)) {
            const std::string name = entry.path().filename().string();
            if (name.ends_with(".toml") && name != "options.toml")
                sources.push_back({name, shipped_file(name)});
        }
        keep_device_backend(sources, "native");
        std::ranges::sort(sources, {}, &UnitSource::file);
        LoadedUnits loaded = load_units(sources);
        require(loaded.problems.empty(), "the shipped units are sound");
        return std::move(loaded.set);
    }();
    return kUnits;
}

// What an importer writes is read by the loader of PID 1, which must find nothing wrong in it.
inline std::vector<Unit> imported(const std::string &toml, const std::string &plugin) {
    LoadedUnits loaded = load_units({{"import", toml, plugin}}, &shipped_units());
    for (const UnitProblem &problem : loaded.problems)
        require(false, "imported units load without problems: " + problem.text(), toml);
    require(loaded.set.plugins.empty() && loaded.set.claims.empty(), "imports are units", toml);
    return std::move(loaded.set.units);
}

} // namespace slipway::fuzz
