// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "probe_backend.h"

namespace slipway::coldplug {

[[nodiscard]] std::unique_ptr<ProbeBackend> make_libblkid_backend();

} // namespace slipway::coldplug
