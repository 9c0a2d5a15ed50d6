// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "luks/medium_backend.h"

namespace slipway::luks {

// With the system calls of Linux 5.2 and later, see fsmount(2).
[[nodiscard]] std::unique_ptr<MediumBackend> make_linux_medium_backend();

} // namespace slipway::luks
