// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct Setting {
    std::string name;
    std::string value;
};

// The lines NAME=value of a file that is written for shells and systemd (os-release(5)), with or
// without quotes, in their order: of a name that stands twice the last one counts. Comments and
// other lines are left out.
[[nodiscard]] std::vector<Setting> parse_settings(std::string_view text);

// "" if it is not there.
[[nodiscard]] std::string setting_of(std::string_view text, std::string_view name);

} // namespace slipway
