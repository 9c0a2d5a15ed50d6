// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace slipway::resume {

// What the kernel says about a resume that came to nothing: the last few of its messages about
// power management, joined. Empty if there is none.
[[nodiscard]] std::string reason_in(const std::vector<std::string> &messages);

} // namespace slipway::resume
