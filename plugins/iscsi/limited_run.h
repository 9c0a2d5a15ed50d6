// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway::iscsi {

struct ProgramEnd {
    std::optional<int> exit_code; // -1: it could not be started; nothing: there was no time left
    std::string errors;           // the beginning of what it wrote to its standard error
};

// `is_slow` is called once, when the program takes longer than people wait without asking why.
using ProgramRunner = std::function<ProgramEnd(const std::vector<std::string> &argv,
                                               const std::function<void()> &is_slow)>;

struct RunLimits {
    std::chrono::milliseconds slow;  // then `is_slow` is called
    std::chrono::milliseconds total; // then the program is killed; not less
};

// Runs a program, which is killed when it has not ended in time.
[[nodiscard]] ProgramEnd run_limited(const std::vector<std::string> &argv, const RunLimits &limits,
                                     const std::function<void()> &is_slow);

} // namespace slipway::iscsi
