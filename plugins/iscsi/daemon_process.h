// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::iscsi {

// Runs a program of the kind that tells when it is ready (sd_notify(3), READY=1) in the foreground
// until it ends, or until `stop` (borrowed) is readable: then it is ended. `ready` is called once:
// then, or when the program still runs after `patience`, for builds that do not tell. `say` gets
// each line of what it writes. The program belongs to the session of the caller and ends with it.
// Returns why it ended by itself; nothing if it was ended.
[[nodiscard]] std::optional<Error>
run_daemon_process(const std::vector<std::string> &argv, int stop,
                   const std::function<void()> &ready,
                   const std::function<void(std::string_view)> &say,
                   std::chrono::milliseconds patience = std::chrono::seconds(2));

} // namespace slipway::iscsi
