// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "fs/overlay_backend.h"

namespace slipway::fs {

[[nodiscard]] std::unique_ptr<OverlayBackend> make_system_overlay_backend();

} // namespace slipway::fs
