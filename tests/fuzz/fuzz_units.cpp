// SPDX-License-Identifier: LGPL-2.1-or-later
// Unit files: TOML of the image, and TOML that an import operation sends to PID 1. The input is one
// file, or several.
#include <set>

#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/shipped_units.h"
#include "unit/unit_loader.h"
#include "unit/unit_verifier.h"

namespace {

using namespace slipway;
using fuzz::require;

void check_problems(const std::vector<UnitProblem> &problems) {
    for (const UnitProblem &problem : problems) {
        require(!problem.origin.file.empty(), "a problem names a file", problem.message);
        require(!problem.message.empty(), "a problem has a text", problem.origin.text());
    }
}

void check_unit(const Unit &unit) {
    require(!unit.name.empty() && unit.name.size() <= 1024, "a name has 1 to 1024 bytes");
    require(unit.kind == UnitKind::target || !unit.plugin.empty(), "operations have a plugin",
            unit.name);
    require(unit.is_explicit && !unit.origin.file.empty(), "a unit has an origin", unit.name);
    require(unit.backoff >= Duration(0), "times are not negative", unit.name);
    require(!unit.timeout || *unit.timeout >= Duration(0), "times are not negative", unit.name);
    require(!unit.device_timeout || *unit.device_timeout >= Duration(0), "times are not negative",
            unit.name);
    require(!unit.degraded || unit.degraded->wait >= Duration(0), "times are not negative",
            unit.name);
    require(!unit.device || !unit.device->value().empty(), "a device reference has a value",
            unit.name);
}

void check_set(const UnitSet &set) {
    std::set<std::string> names;
    for (const Unit &unit : set.units) {
        check_unit(unit);
        require(names.insert(unit.name).second, "a name is defined once", unit.name);
    }
    for (const Claim &claim : set.claims)
        require(!claim.plugin.empty() && !claim.match.empty(), "a claim is complete",
                claim.origin.text());
    names.clear();
    for (const PluginSpec &plugin : set.plugins) {
        require(!plugin.name.empty() && !plugin.library.empty(), "a plugin is complete",
                plugin.origin.text());
        require(!plugin.library.contains('/'), "a library is a file name", plugin.library);
        require(names.insert(plugin.name).second, "a plugin is defined once", plugin.name);
    }
}

// Everything that a person sees of it, and the order.
std::string description_of(const LoadedUnits &loaded) {
    std::string text;
    for (const UnitProblem &problem : loaded.problems)
        text += problem.subject + " " + problem.text() + "\n";
    for (const PluginSpec &plugin : loaded.set.plugins)
        text += "plugin " + plugin.name + " " + plugin.library + "\n";
    for (const Claim &claim : loaded.set.claims) {
        text += "claim " + claim.unit + " " + claim.name + "\n";
        for (const auto &[fact, pattern] : claim.match)
            text += "  " + fact + " " + pattern + "\n";
    }
    for (const Unit &unit : loaded.set.units) {
        text += "unit " + unit.name + " " + unit.plugin + " " + unit.description + "\n";
        for (const auto *list : {&unit.required, &unit.wants, &unit.after, &unit.before})
            text += "  " + join(*list, " ") + "\n";
        for (const auto &[key, value] : unit.params)
            text += "  " + key + " " + value + "\n";
    }
    return text;
}

void check(const std::vector<UnitSource> &sources, const UnitSet *known) {
    const LoadedUnits loaded = load_units(sources, known);
    check_problems(loaded.problems);
    check_set(loaded.set);
    require(known == nullptr || loaded.set.plugins.empty(), "imported text defines no plugin");
    require(description_of(loaded) == description_of(load_units(sources, known)),
            "the same text gives the same units");
    check_problems(verify_units(loaded.set));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<UnitSource> files;
    std::vector<UnitSource> imports;
    for (std::string &part : fuzz::parts_of(fuzz::text_of(data, size))) {
        imports.push_back({"import", part, "fs"});
        files.push_back({"file" + std::to_string(files.size()) + ".toml", std::move(part)});
    }
    check(files, nullptr);
    check(imports, &fuzz::shipped_units());
    return 0;
}
