// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::sdk {

// From now on SIGTERM, with which PID 1 asks a worker to end, kills this thread's process no more:
// the descriptor becomes readable instead (signalfd(2)), so that the worker can put in order what
// it holds. Owned by the caller, who ends soon after.
[[nodiscard]] Result<UniqueFd> catch_end_signal();

} // namespace slipway::sdk
