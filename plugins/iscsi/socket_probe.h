// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>

#include "iscsi/portal_probe.h"

namespace slipway::iscsi {

// `patience`: how long a connection may take.
[[nodiscard]] std::unique_ptr<PortalProbe>
make_socket_probe(std::chrono::milliseconds patience = std::chrono::seconds(4));

} // namespace slipway::iscsi
