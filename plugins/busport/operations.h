// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>

namespace slipway::busport {

// The operations of the plugin. `sysfs` is another folder only in tests.

// The job `bus-ports`: ports that were there before anybody listened are announced again.
[[nodiscard]] sdk::Outcome announce_ports(sdk::Context &context, const sdk::Request &request,
                                          const std::string &sysfs = "/sys");
// Of a port: the one that the kernel command line names starts the service bus-port@NAME.
[[nodiscard]] sdk::Outcome inspect_port(sdk::Context &context, const sdk::Request &request);
// The service itself: carries on until it is ended, or the port goes away.
[[nodiscard]] sdk::Outcome serve(sdk::Context &context, const sdk::Request &request);

} // namespace slipway::busport
