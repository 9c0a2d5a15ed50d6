// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <span>
#include <string>

#include "net/interface_state.h"

namespace slipway::net {

// What the plugin publishes about an interface that can be used (docs/plugins.md): `net_online`,
// `net_mac`, `net_addresses`, and what the leases say of a root. Empty without an address.
[[nodiscard]] std::map<std::string, std::string> link_facts(const InterfaceState &state,
                                                            std::span<const Lease> leases);

} // namespace slipway::net
