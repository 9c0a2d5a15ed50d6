// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "btrfs/device_backend.h"

// The operations of the plugin, with the back end handed in.
namespace slipway::btrfs {

// inspect: a device of a file system on several becomes a member of btrfs@<UUID of the file
// system>. One that is alone is no assembly: what waits for it need not wait for more.
[[nodiscard]] sdk::Outcome inspect_device(sdk::Context &context, const sdk::Request &request,
                                          DeviceBackend &backend);

// activate of btrfs@: registers the members with the kernel. Degraded: also publishes the fact
// mount_options = "degraded" about each, for whoever mounts one.
[[nodiscard]] sdk::Outcome activate_file_system(sdk::Context &context, const sdk::Request &request,
                                                DeviceBackend &backend);

} // namespace slipway::btrfs
