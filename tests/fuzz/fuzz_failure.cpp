// SPDX-License-Identifier: LGPL-2.1-or-later
// What the firmware or the kernel's memory kept of a boot that failed.
#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "previous/previous_failures.h"

using namespace slipway;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto failure = find_failure(fuzz::text_of(data, size));
    if (!failure)
        return 0;
    std::string_view rest = failure->text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        require(end != std::string_view::npos, "every line has an end");
        const std::string line(rest.substr(0, end));
        require(printable(line) == line, "nothing drives the terminal", line);
        rest.remove_prefix(end + 1);
    }
    return 0;
}
