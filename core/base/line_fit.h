// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How much room text takes in a line of a terminal or in a fixed font. Pure.
namespace slipway {

// In columns. Of valid UTF-8: East Asian characters and pictures take two, combining ones none; a
// terminal without them shows something else in their place, which is never wider.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Not wider than `columns`: of a text that is too long the middle is left out ("UUID=0000...0001"),
// because both ends of a name tell more. `gap`: what stands there.
[[nodiscard]] std::string fit_line(std::string_view text, std::size_t columns,
                                   std::string_view gap = "...");

} // namespace slipway
