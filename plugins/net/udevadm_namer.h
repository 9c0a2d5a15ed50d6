// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <memory>

#include "net/interface_namer.h"

namespace slipway::net {

// Asks udevadm(8), which reads the .link files, the rules and the kernel command line just as the
// host's udevd will. `context` must outlive it.
[[nodiscard]] std::unique_ptr<InterfaceNamer> make_udevadm_namer(sdk::Context &context);

} // namespace slipway::net
