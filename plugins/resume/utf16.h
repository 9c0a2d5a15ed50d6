// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::resume {

// Little-endian UTF-16 as UTF-8, up to the first NUL. Nothing if there is a byte too many, or half
// of a surrogate pair.
[[nodiscard]] std::optional<std::string> utf8_of_utf16(std::string_view bytes);

} // namespace slipway::resume
