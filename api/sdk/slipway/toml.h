// SPDX-License-Identifier: LGPL-2.1-or-later
//
// For plugins whose `import` operation writes units: values that come from the kernel command line
// or from files become TOML strings here and nowhere else, so that no value can forge a key.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace slipway::sdk {

namespace detail {

// Bytes of the well-formed UTF-8 character at the front of `text`, or 0 (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] inline std::size_t utf8_character_bytes(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return 1;
    const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < bytes)
        return 0;
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return 0;
    }
    const unsigned char second = byte(1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool out_of_range = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return overlong || out_of_range ? 0 : bytes;
}

} // namespace detail

// `value` as a TOML basic string, quotes included. Control characters are escaped; bytes that are
// not UTF-8 cannot stand in TOML and become '?'. https://toml.io/en/v1.0.0#string
[[nodiscard]] inline std::string toml_string(std::string_view value) {
    static constexpr std::array<char, 17> kDigits = {"0123456789ABCDEF"};
    std::string quoted = "\"";
    while (!value.empty()) {
        const std::size_t bytes = detail::utf8_character_bytes(value);
        const auto first = static_cast<unsigned char>(value.front());
        if (bytes == 0) {
            quoted += '?';
        } else if (first == '"' || first == '\\') {
            quoted += '\\';
            quoted += value.front();
        } else if (first < 0x20 || first == 0x7F) {
            quoted += "\\u00";
            quoted += kDigits[first >> 4U];
            quoted += kDigits[first & 0x0FU];
        } else {
            quoted += value.substr(0, bytes);
        }
        value.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return quoted + "\"";
}

} // namespace slipway::sdk
