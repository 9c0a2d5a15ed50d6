// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "sys/system.h"
#include "unit/unit_catalog.h"

namespace slipway {

// Reads and checks all *.toml files of the directories, in the order of their names. A directory
// that does not exist holds no files. What is bad is left out and named: the rest of the boot goes
// on.
[[nodiscard]] UnitCatalog read_unit_files(System &system,
                                          const std::vector<std::string> &directories);

} // namespace slipway
