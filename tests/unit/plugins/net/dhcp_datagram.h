// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace slipway::net {

// What the hook sends: one variable per line here, each closed by a zero byte there.
inline std::string datagram_of(std::string_view lines) {
    std::string datagram(lines);
    std::ranges::replace(datagram, '\n', '\0');
    return datagram;
}

} // namespace slipway::net
