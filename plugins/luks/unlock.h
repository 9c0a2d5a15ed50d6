// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>
#include <string_view>

#include "luks/crypt_backend.h"

namespace slipway::luks {

// activate of luks@: one member device; params name, keyfile, options. Tries the key file once,
// then asks until a passphrase is right or the tries are used up.
[[nodiscard]] sdk::Outcome unlock_volume(sdk::Context &context, const sdk::Request &request,
                                         CryptBackend &backend);

// The identity of what is asked for a volume. `key` is that of its unit, luks@<key>, and not the
// UUID in the header: who brings a key from elsewhere knows the unit, and may not know more.
[[nodiscard]] std::string question_id(std::string_view key);

// What a person can do about a LUKS header that cannot be read. `header` is where it is.
[[nodiscard]] std::string unreadable_header_remedy(std::string_view header);

} // namespace slipway::luks
