// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "udev_backend.h"

namespace slipway::coldplug {

// activate of coldplug: the kernel announces again what was there before PID 1 listened.
[[nodiscard]] sdk::Outcome trigger_devices(sdk::Context &context, UdevBackend &backend);

} // namespace slipway::coldplug
