// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace slipway::sdk {

// The beginning of a file, at most so many bytes of it; nothing if it cannot be opened.
[[nodiscard]] std::optional<std::string> read_small_file(const std::string &path,
                                                         std::size_t max_bytes);

} // namespace slipway::sdk
