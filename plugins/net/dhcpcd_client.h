// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "net/dhcp_client.h"
#include "net/dhcpcd_config.h"

namespace slipway::net {

// dhcpcd 10 (https://roy.marples.name/projects/dhcpcd), one process per interface. Its events come
// over a socket from the program `dhcp-hook`, which it runs in place of its scripts.
[[nodiscard]] std::unique_ptr<DhcpClient> make_dhcpcd_client(DhcpcdPlaces places = {});

} // namespace slipway::net
