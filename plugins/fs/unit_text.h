// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::fs {

// One [[unit]] of this plugin in TOML (docs/units.md), key by key. Every value is quoted here.
class UnitText {
public:
    UnitText(std::string_view name, std::string_view kind, std::string_view description);

    UnitText &text(std::string_view key, std::string_view value);
    UnitText &list(std::string_view key, const std::vector<std::string> &values); // none if empty
    UnitText &flag(std::string_view key);                                         // "key = true"
    // Of a mount: the program that has just made the device may hold it open for a moment more.
    UnitText &retry_while_busy();
    // Last. Params that are empty are left out.
    [[nodiscard]] std::string
    params(std::initializer_list<std::pair<std::string_view, std::string_view>> params) &&;

private:
    std::string toml_;
};

} // namespace slipway::fs
