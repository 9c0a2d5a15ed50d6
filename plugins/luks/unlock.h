// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>
#include <string_view>

#include "luks/crypt_backend.h"

namespace slipway::luks {

// activate of luks@: one device; params name, keyfile (in the image), options, header (where it is,
// if not on the device) and header_place (the same for people).
[[nodiscard]] sdk::Outcome unlock_volume(sdk::Context &context, const sdk::Request &request,
                                         CryptBackend &backend);

// What a person can do about a LUKS header that cannot be read. `header` is where it is.
[[nodiscard]] std::string unreadable_header_remedy(std::string_view header);

} // namespace slipway::luks
