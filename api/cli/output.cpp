// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <format>
#include <string>

#include "cli/command.h"

namespace slipway::cli {

int write_out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        return report_failure(std::format("cannot write the output: {}", std::strerror(errno)));
    return kExitOk;
}

int report_failure(std::string_view text) {
    const std::string line = std::format("slipway: {}\n", text);
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
    return kExitFailure;
}

} // namespace slipway::cli
