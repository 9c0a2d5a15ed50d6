// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "boot/kernel_cmdline.h"
#include "engine/engine.h"
#include "sys/system.h"
#include "unit/unit.h"

namespace slipway {

// Which import operations this boot needs: of plugins that always import or whose options are on
// the kernel command line, and one per file of `import_files` that is in the image. A file that
// cannot be read is one of the `problems`.
[[nodiscard]] std::vector<ImportRequest>
plan_imports(System &system, const KernelCommandLine &line, const std::vector<PluginSpec> &plugins,
             const std::vector<std::string> &both_spellings, std::vector<std::string> &problems);

} // namespace slipway
