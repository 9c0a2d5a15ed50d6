// SPDX-License-Identifier: LGPL-2.1-or-later
#include <format>

#include "report/plot.h"

namespace slipway::report {

std::string seconds_text(Duration duration) {
    return std::format("{:.3f} s", static_cast<double>(duration.count()) / 1e6);
}

} // namespace slipway::report
