// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace slipway::report {

// Text for XML and HTML, in elements and in quoted attributes.
[[nodiscard]] std::string escaped(std::string_view text);

} // namespace slipway::report
