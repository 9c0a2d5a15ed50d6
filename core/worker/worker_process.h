// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "unit/unit.h"
#include "worker/channel.h"

namespace slipway {

// The life of a worker after fork(2): serves requests on `channel` until PID 1 closes it. Never
// returns; ends with _exit(2), so that nothing of PID 1's state is destroyed a second time. Without
// udevd, its environment keeps device-mapper and md tools from waiting for one.
[[noreturn]] void worker_main(Channel channel, DeviceBackend backend);

} // namespace slipway
