// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/device_text.h"

#include <array>
#include <charconv>
#include <format>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::array<std::string_view, 4> kTags = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};

constexpr unsigned kMaxOffset = 1024; // more partitions than any table has

std::optional<unsigned> parse_number(std::string_view text, int base) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// The kernel's early_lookup_bdev(): "8:1" or hexadecimal, as new_decode_dev() reads it.
std::optional<std::string> parse_device_number(std::string_view value) {
    if (const auto colon = value.find(':'); colon != std::string_view::npos) {
        const auto major = parse_number(value.substr(0, colon), 10);
        const auto minor = parse_number(value.substr(colon + 1), 10);
        if (!major || !minor || *major > 0xFFFU || *minor > 0xFFFFFU)
            return std::nullopt;
        return std::format("/dev/block/{}:{}", *major, *minor);
    }
    const auto number = parse_number(value, 16);
    if (!number || *number == 0 || value.size() > 8)
        return std::nullopt;
    const unsigned major = (*number & 0xFFF00U) >> 8U;
    const unsigned minor = (*number & 0xFFU) | ((*number >> 12U) & 0xFFF00U);
    return std::format("/dev/block/{}:{}", major, minor);
}

// Of PARTUUID=; no UUID has a slash.
bool is_offset_sound(std::string_view value) {
    constexpr std::string_view kOffset = "/PARTNROFF=";
    const std::size_t slash = value.find('/');
    if (slash == std::string_view::npos)
        return true;
    std::string_view digits = value.substr(slash);
    if (slash == 0 || value.contains('\n') || !digits.starts_with(kOffset))
        return false;
    digits.remove_prefix(kOffset.size());
    if (digits.starts_with('+') || digits.starts_with('-'))
        digits.remove_prefix(1);
    const auto offset = parse_number(digits, 10);
    return offset && *offset <= kMaxOffset;
}

} // namespace

std::optional<std::string> parse_device(std::string_view text) {
    text = without_quotes(text);
    for (const std::string_view tag : kTags) {
        if (!text.starts_with(tag))
            continue;
        std::string_view value = text.substr(tag.size());
        // All of them: who reads the reference takes quotes that are left for its own.
        while (without_quotes(value) != value)
            value = without_quotes(value);
        // "UUID=5a*" is our own way to write a beginning; here it would match more than was said.
        if (tag == "UUID=" && value.contains('*'))
            return std::nullopt;
        if (tag == "PARTUUID=" && !is_offset_sound(value))
            return std::nullopt;
        return value.empty() ? std::nullopt : std::optional(std::string(tag) + std::string(value));
    }
    if (text.starts_with("/dev/") && text.size() > 5)
        return std::string(text);
    return parse_device_number(text);
}

} // namespace slipway
