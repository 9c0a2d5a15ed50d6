// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace slipway {

inline constexpr const char *kManagerPath = "/org/slipway";
inline constexpr const char *kUnitPaths = "/org/slipway/unit";
inline constexpr const char *kDevicePaths = "/org/slipway/device";
inline constexpr const char *kPromptPaths = "/org/slipway/prompt";
inline constexpr const char *kDriverPath = "/org/freedesktop/DBus";

// A name as one element of a D-Bus object path: letters and digits stay, every other byte (and a
// digit at the beginning) becomes _XX, and nothing becomes "_". Different names stay different.
[[nodiscard]] std::string path_element(std::string_view name);
[[nodiscard]] std::string object_path(std::string_view parent, std::string_view name);

} // namespace slipway
