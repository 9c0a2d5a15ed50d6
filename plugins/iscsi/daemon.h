// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "iscsi/login.h"

namespace slipway::iscsi {

// activate of the service `iscsid`: loads the drivers, settles this machine's initiator name and
// keeps the daemon running until `stop` (borrowed) is readable. Sessions outlive it, as the kernel
// holds them, but for those whose target has only ever refused the login.
[[nodiscard]] sdk::Outcome keep_daemon(sdk::Context &context, const sdk::Request &request,
                                       const Machine &machine, int stop);

} // namespace slipway::iscsi
