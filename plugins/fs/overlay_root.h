// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "fs/mount_backend.h"
#include "fs/overlay_backend.h"

namespace slipway::fs {

// activate of the unit `sysroot` with rd.overlay: what is mounted on /sysroot goes to
// /run/rootfsbase, where it can only be read, and an overlay takes its place, whose changes lie in
// memory. Params: limits (Overlay::limits). May be called again after it failed or was killed, at
// whatever point that was; until it is done nothing is mounted on /sysroot that could be entered
// and written by mistake.
[[nodiscard]] sdk::Outcome overlay_root(sdk::Context &context, const sdk::Request &request,
                                        MountBackend &mounts, OverlayBackend &backend);

} // namespace slipway::fs
