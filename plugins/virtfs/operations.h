// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>

#include "virtfs/virtfs_backend.h"

namespace slipway::virtfs {

// activate of `virtfs-devices`: loads the drivers that the root needs, and has the kernel announce
// the devices that had a driver before this boot listened.
[[nodiscard]] sdk::Outcome announce_shares(sdk::Context &context, const sdk::Request &request,
                                           VirtfsBackend &backend);

// inspect of a device that a share's driver has: publishes its tag as the fact `virtfs_tag`. If the
// root is on a share the device becomes a member of `sysroot-virtfs`, whatever its tag: the tags
// that are there are told when the right one is missing.
[[nodiscard]] sdk::Outcome inspect_device(sdk::Context &context, const sdk::Request &request,
                                          VirtfsBackend &backend);

// activate of `sysroot-virtfs`, whose members are these devices: mounts the root at `where`.
// `incomplete`: none of them has the tag.
[[nodiscard]] sdk::Outcome mount_root(sdk::Context &context, const sdk::Request &request,
                                      VirtfsBackend &backend, const std::string &where);

} // namespace slipway::virtfs
