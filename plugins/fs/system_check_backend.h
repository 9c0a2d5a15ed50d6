// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "fs/check_backend.h"

namespace slipway::fs {

[[nodiscard]] std::unique_ptr<CheckBackend> make_system_check_backend();

} // namespace slipway::fs
