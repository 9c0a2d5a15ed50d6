// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The engine and nothing else, as a shared object: what it links is what the engine needs.
#include "engine/engine.h"

namespace slipway {

extern const std::size_t kEngineBytes;
const std::size_t kEngineBytes = sizeof(Engine);

} // namespace slipway
