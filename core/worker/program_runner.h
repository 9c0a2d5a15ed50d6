// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway {

struct ProgramResult {
    int exit_code = -1; // 128 + signal if it was killed
    std::string output; // at most kMaxOutputBytes; the rest is read and dropped
    std::string errors;
};

inline constexpr std::size_t kMaxOutputBytes = 1U << 20U;
inline constexpr std::size_t kMaxErrorBytes = 64U << 10U;

// Runs a program without a shell, in a worker, and waits for it (posix_spawn(3)). `input` is
// written to its standard input, otherwise that is /dev/null. The worker's deadline bounds it:
// killing the worker's session kills the program as well. Error: it could not be started.
[[nodiscard]] Result<ProgramResult> run_program(const std::vector<std::string> &argv,
                                                std::optional<std::string_view> input);

} // namespace slipway
