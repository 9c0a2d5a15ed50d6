// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "kmod_backend.h"

namespace slipway::modules {

// activate of modules@: the modules of params.modules, or those that answer to the modalias that is
// the unit's key. A module that fails does not keep the others from being loaded.
[[nodiscard]] sdk::Outcome load_modules(sdk::Context &context, const sdk::Request &request,
                                        KmodBackend &backend);

// import: what the kernel command line wants to be loaded.
[[nodiscard]] sdk::Outcome import_modules(sdk::Context &context, const sdk::Request &request);

} // namespace slipway::modules
