// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>

#include "nfs/nfs_backend.h"

namespace slipway::nfs {

// inspect of a network interface that can be used: if the root is on NFS, it becomes a member of
// the unit `sysroot-nfs`, whatever its lease says: the reason why it does not help is told there.
[[nodiscard]] sdk::Outcome inspect_interface(sdk::Context &context, const sdk::Request &request);

// activate of `sysroot-nfs`, whose members are interfaces: one round of tries to mount the root at
// `where`. `incomplete`: none of these interfaces says what to mount. `retry`: it is known, and
// cannot be mounted now. `failed`: it will never be, because of the command line or the image.
[[nodiscard]] sdk::Outcome mount_root(sdk::Context &context, const sdk::Request &request,
                                      NfsBackend &backend, const std::string &where);

} // namespace slipway::nfs
