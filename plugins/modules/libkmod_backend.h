// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "kmod_backend.h"

namespace slipway::modules {

// Reads the module indexes of the running kernel once, at the first call; keep it as long as the
// process.
[[nodiscard]] std::unique_ptr<KmodBackend> make_libkmod_backend();

} // namespace slipway::modules
