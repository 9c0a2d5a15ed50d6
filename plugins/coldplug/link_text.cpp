// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link_text.h"

#include <slipway/toml.h>

#include <format>

namespace slipway::coldplug {

namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";

bool is_kept(unsigned char c) {
    constexpr std::string_view kOthers = "#+-.:=@_";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.contains(static_cast<char>(c));
}

// Bytes at the front that may stay as they are; 0: the first byte may not.
std::size_t kept_bytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80)
        return is_kept(first) ? 1 : 0;
    return sdk::detail::utf8_character_bytes(text);
}

} // namespace

std::string encode_link_part(std::string_view text) {
    std::string encoded;
    while (!text.empty()) {
        const std::size_t kept = kept_bytes(text);
        if (kept == 0)
            encoded += std::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        else
            encoded += text.substr(0, kept);
        text.remove_prefix(kept == 0 ? 1 : kept);
    }
    return encoded;
}

std::string replace_link_part(std::string_view text) {
    text = text.substr(0, text.find('\0'));
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
    std::string replaced;
    while (!text.empty()) {
        const std::size_t kept = text.starts_with("\\x") ? 2 : kept_bytes(text);
        const bool is_blank = kBlanks.contains(text.front());
        if (kept == 0)
            replaced += '_';
        else
            replaced += text.substr(0, kept);
        text.remove_prefix(kept == 0 ? 1 : kept);
        while (is_blank && !text.empty() && kBlanks.contains(text.front()))
            text.remove_prefix(1);
    }
    return replaced;
}

} // namespace slipway::coldplug
