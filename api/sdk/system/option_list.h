// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <slipway/plugin.h>

namespace slipway::sdk {

// All options of a request, in the order in which they came.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>>
option_list(const Pairs &options) {
    std::vector<std::pair<std::string, std::string>> list;
    for (std::size_t i = 0; i < options.raw().count; ++i) {
        const slipway_pair &pair = options.raw().items[i];
        list.emplace_back(view(pair.key), view(pair.value));
    }
    return list;
}

} // namespace slipway::sdk
