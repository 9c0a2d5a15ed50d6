// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "luks/crypt_backend.h"

namespace slipway::luks {

// activate of luks@: one member device; params name, keyfile, options. Tries the key file once,
// then asks until a passphrase is right or the tries are used up.
[[nodiscard]] sdk::Outcome unlock_volume(sdk::Context &context, const sdk::Request &request,
                                         CryptBackend &backend);

} // namespace slipway::luks
