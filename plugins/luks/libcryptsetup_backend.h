// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "luks/crypt_backend.h"

namespace slipway::luks {

// `log` receives the library's own messages, one line each.
[[nodiscard]] std::unique_ptr<CryptBackend>
make_libcryptsetup_backend(std::function<void(std::string_view)> log);

} // namespace slipway::luks
