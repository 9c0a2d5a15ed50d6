// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

#include "nfs/nfs_backend.h"

namespace slipway::nfs {

// Mounts in a process of its own, which is killed when the limit has passed: the kernel waits for a
// server that has accepted a connection and says nothing for as long as timeo= and retrans= of the
// running system allow, but never for a process that has to die.
[[nodiscard]] MountResult mount_in_process(const MountRequest &request,
                                           std::chrono::milliseconds limit);

} // namespace slipway::nfs
