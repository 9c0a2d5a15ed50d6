// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/setting.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/settings.h"
#include "base/text.h"

namespace slipway {

namespace {

bool is_plain_name(std::string_view text) {
    return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' ||
               c == '+' || c == '-';
    });
}

// "/etc/x:NAME" or "/etc/x:NAME:2".
std::optional<std::string> value_of(const RootTree &root, std::string_view reference) {
    const std::size_t path_end = reference.find(':');
    if (path_end == std::string_view::npos)
        return std::nullopt;
    std::string_view name = reference.substr(path_end + 1);
    std::size_t length = std::string_view::npos;
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        const std::string_view digits = name.substr(colon + 1);
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (code != std::errc() || end != digits.data() + digits.size())
            return std::nullopt;
        name = name.substr(0, colon);
    }
    const std::string value = read_setting(root, reference.substr(0, path_end), name);
    if (!is_plain_name(value))
        return std::nullopt;
    return value.substr(0, length);
}

} // namespace

std::string read_setting(const RootTree &root, std::string_view path, std::string_view name) {
    const auto text = root.read_file(path);
    return text ? setting_of(*text, name) : std::string();
}

bool holds_setting(const RootTree &root, std::string_view condition) {
    const std::size_t colon = condition.find(':');
    const std::size_t equals = condition.find('=', colon == std::string_view::npos ? 0 : colon);
    if (colon == std::string_view::npos || equals == std::string_view::npos)
        return false;
    const std::string value = read_setting(root, condition.substr(0, colon),
                                           condition.substr(colon + 1, equals - colon - 1));
    return !value.empty() && matches_pattern(condition.substr(equals + 1), value);
}

std::optional<std::string> expand_settings(const RootTree &root, std::string_view text) {
    std::string expanded;
    while (true) {
        const std::size_t open = text.find("{/");
        const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos)
            return expanded + std::string(text);
        const auto value = value_of(root, text.substr(open + 1, close - open - 1));
        if (!value)
            return std::nullopt;
        expanded += text.substr(0, open);
        expanded += *value;
        text.remove_prefix(close + 1);
    }
}

} // namespace slipway
