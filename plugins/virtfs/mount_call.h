// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "virtfs/virtfs_backend.h"

namespace slipway::virtfs {

// fsopen(2) and its kin rather than mount(2), because their errors name the option.
[[nodiscard]] MountResult mount_share(const MountRequest &request);

} // namespace slipway::virtfs
