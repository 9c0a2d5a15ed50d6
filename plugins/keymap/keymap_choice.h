// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::keymap {

// vconsole.conf(5), as far as it is about the keyboard.
struct ConsoleSettings {
    std::string keymap; // "" for none
    std::string toggle;
    std::string font; // only to say that it is not honoured
};

// Lines NAME=value, with or without quotes; comments and other names are skipped.
[[nodiscard]] ConsoleSettings parse_console_settings(std::string_view text);

// The kernel command line; an absent option is nothing.
struct CommandLine {
    std::optional<std::string> keymap; // rd.vconsole.keymap=, else KEYMAP=
    std::optional<std::string> toggle;
    std::optional<std::string> extra; // names separated by commas
};

struct Choice {
    std::vector<std::string> maps; // for loadkeys, in this order; empty: nothing to do
    std::vector<std::string> problems;
};

// The command line wins over vconsole.conf, and that over `cached`, the path of the map that
// Debian's keyboard-configuration has made ("" for none). "@kernel" keeps the kernel's map.
[[nodiscard]] Choice choose_maps(const ConsoleSettings &settings, const CommandLine &line,
                                 std::string_view cached);

} // namespace slipway::keymap
