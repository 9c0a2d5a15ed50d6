// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "boot_partition.h"
#include "probe_backend.h"
#include "sysfs.h"

namespace slipway::coldplug {

// inspect of a block device: publishes facts.
[[nodiscard]] sdk::Outcome inspect_block(sdk::Context &context, const sdk::Request &request,
                                         const Sysfs &sysfs, ProbeBackend &prober,
                                         BootPartition &boot);

} // namespace slipway::coldplug
