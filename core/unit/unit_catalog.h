// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "unit/unit_loader.h"

namespace slipway {

// What all unit files of a boot say together.
struct UnitCatalog {
    UnitSet set;
    std::vector<UnitProblem> problems;
    std::vector<UnitSource> sources; // as they were read, for the boot's record
    // Units that are left out of the set, with the reason.
    std::map<std::string, std::string, std::less<>> broken;
};

// Adds a file of a later folder: it replaces one of the same name of an earlier folder.
void add_unit_source(std::vector<UnitSource> &sources, UnitSource source);

// Leaves out the files of the other device back end: an image has one, and where slipway is
// installed there are the files of both. `backend`: as in [devices].
void keep_device_backend(std::vector<UnitSource> &sources, std::string_view backend);

// Loads and verifies. What is bad is left out and named: the rest of the boot goes on.
[[nodiscard]] UnitCatalog make_catalog(std::vector<UnitSource> sources);

} // namespace slipway
