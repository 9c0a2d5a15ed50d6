// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "luks/medium_backend.h"

namespace slipway::luks {

// activate of luks-key@<key>: reads the key of luks@<key> from the unit's device and answers that
// volume's question with it, in place of a person. Params: path, offset, size (of the key), name
// (of the mapping: if it exists, nothing is left to do).
[[nodiscard]] sdk::Outcome bring_key(sdk::Context &context, const sdk::Request &request,
                                     MediumBackend &backend);

} // namespace slipway::luks
