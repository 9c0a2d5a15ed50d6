// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "net/link_backend.h"

namespace slipway::net {

// libnl-route. Fails if the kernel gives no rtnetlink socket.
[[nodiscard]] Result<std::unique_ptr<LinkBackend>> make_libnl_backend();

} // namespace slipway::net
