// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/module_parameters.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/text.h"

namespace slipway {

namespace {

// What stands before a dot in words for programs; no module has such a name.
constexpr std::array<std::string_view, 3> kNoModules = {"rd", "systemd", "slipway"};

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

} // namespace

std::string module_parameters(std::string_view cmdline) {
    std::string text;
    for (const std::string &word : split_words(cmdline)) {
        const std::size_t dot = word.find('.');
        if (dot == std::string::npos)
            continue;
        const std::string_view module = std::string_view(word).substr(0, dot);
        const std::string_view parameter = std::string_view(word).substr(dot + 1);
        if (is_name(module) && !std::ranges::contains(kNoModules, module) &&
            is_name(parameter.substr(0, parameter.find('='))))
            text += std::format("options {} {}\n", module, parameter);
    }
    return text;
}

} // namespace slipway
