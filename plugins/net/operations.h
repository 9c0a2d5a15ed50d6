// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "net/dhcp_client.h"
#include "net/link_backend.h"

namespace slipway::net {

// Says once what on the kernel command line is ignored.
[[nodiscard]] sdk::Outcome import_config(sdk::Context &context, const sdk::Request &request);

// `run`: where the files for the host go.

// The interface that is the unit's member gets what the command line says: another name, a place in
// a bond or bridge, VLANs, addresses. For addresses from the network it emits the service dhcp@….
[[nodiscard]] sdk::Outcome configure_link(sdk::Context &context, const sdk::Request &request,
                                          LinkBackend &backend, const std::string &run = "/run");

// The service dhcp@…: ready with the first address, and again with each change. Goes on until it is
// ended; the addresses stay.
[[nodiscard]] sdk::Outcome run_dhcp(sdk::Context &context, const sdk::Request &request,
                                    LinkBackend &backend, DhcpClient &client,
                                    const std::string &run = "/run");

} // namespace slipway::net
