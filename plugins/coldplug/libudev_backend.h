// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "udev_backend.h"

namespace slipway::coldplug {

[[nodiscard]] std::unique_ptr<UdevBackend> make_libudev_backend();

} // namespace slipway::coldplug
