// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace slipway::fuzz {

// A property that holds for every input. If it does not, the process aborts, which libFuzzer and
// ctest take for what it is: a defect. `shown` is the text that breaks the property.
inline void require(bool holds, std::string_view property, std::string_view shown = {},
                    std::source_location place = std::source_location::current()) {
    if (holds)
        return;
    std::fprintf(stderr, "%s:%u: not true: %.*s\n", place.file_name(), place.line(),
                 static_cast<int>(property.size()), property.data());
    if (!shown.empty())
        std::fprintf(stderr, "  in: %.*s\n", static_cast<int>(shown.size()), shown.data());
    std::abort();
}

} // namespace slipway::fuzz
