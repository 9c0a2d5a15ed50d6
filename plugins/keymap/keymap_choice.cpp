// SPDX-License-Identifier: LGPL-2.1-or-later
#include "keymap/keymap_choice.h"

#include <algorithm>
#include <cctype>
#include <format>

#include "base/settings.h"
#include "base/text.h"

namespace slipway::keymap {

namespace {

constexpr std::string_view kKernelsOwn = "@kernel";
constexpr std::size_t kMaxNameBytes = 128;

// A name, never an option of loadkeys and never a path out of its directories.
bool is_map_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '-' &&
           name.front() != '.' && std::ranges::all_of(name, [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' ||
                      c == '+' || c == '-';
           });
}

void add_map(Choice &choice, std::string_view name) {
    if (is_map_name(name))
        choice.maps.emplace_back(name);
    else
        choice.problems.push_back(std::format("\"{}\" is not the name of a keyboard map: ignored",
                                              printable(name, kMaxNameBytes)));
}

} // namespace

ConsoleSettings parse_console_settings(std::string_view text) {
    ConsoleSettings settings;
    for (const auto &[name, value] : parse_settings(text)) {
        if (name == "KEYMAP")
            settings.keymap = value;
        else if (name == "KEYMAP_TOGGLE")
            settings.toggle = value;
        else if (name == "FONT")
            settings.font = value;
    }
    return settings;
}

Choice choose_maps(const ConsoleSettings &settings, const CommandLine &line,
                   std::string_view cached) {
    Choice choice;
    const std::string map = line.keymap.value_or(settings.keymap);
    if (map == kKernelsOwn)
        return choice;
    if (!map.empty())
        add_map(choice, map);
    // A wrong name is no reason to take the map of another file for it.
    else if (!cached.empty())
        choice.maps.emplace_back(cached);
    if (choice.maps.empty())
        return choice;
    if (const std::string toggle = line.toggle.value_or(settings.toggle); !toggle.empty())
        add_map(choice, toggle);
    for (const std::string &name : split_words(line.extra.value_or(""), ", "))
        add_map(choice, name);
    return choice;
}

} // namespace slipway::keymap
