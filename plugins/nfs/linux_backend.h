// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "nfs/nfs_backend.h"

namespace slipway::nfs {

// Through getaddrinfo(3) and the kernel's mount interface (fsopen(2)), without mount.nfs(8).
[[nodiscard]] std::unique_ptr<NfsBackend> make_linux_backend();

} // namespace slipway::nfs
