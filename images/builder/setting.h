// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "builder/root_tree.h"

namespace slipway {

// Settings of the target root, as files in /etc hold them for shells and systemd: lines NAME=value,
// with or without quotes, of which the last one counts.

// "" if the file or the setting is not there.
[[nodiscard]] std::string read_setting(const RootTree &root, std::string_view path,
                                       std::string_view name);

// "/etc/vconsole.conf:KEYMAP=de*": the setting is there and matches ('*' stands for any text, but
// an empty value matches nothing).
[[nodiscard]] bool holds_setting(const RootTree &root, std::string_view condition);

// Replaces "{/etc/vconsole.conf:KEYMAP}" by the value, "{/etc/vconsole.conf:KEYMAP:2}" by its first
// two characters. Nothing if a setting is not there, or holds what could mean more than a name in a
// path: anything but letters, digits, '.', '_', '+' and '-', or a '.' in front.
[[nodiscard]] std::optional<std::string> expand_settings(const RootTree &root,
                                                         std::string_view text);

} // namespace slipway
