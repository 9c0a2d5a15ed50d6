// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::net {

// The name in what `udevadm test` prints about a network interface: that which a rule has set,
// otherwise that which a .link file has given (ID_NET_NAME), otherwise the one that it has, because
// the host has switched off what would rename it. Errors: there is none, or it cannot be a name.
// Of several the last counts: rules set it after what devices say of themselves was read.
[[nodiscard]] Result<std::string> parse_udevadm_test(std::string_view output);

// The line of its messages that says why it failed, cleaned for people.
[[nodiscard]] std::string udevadm_reason(std::string_view errors);

} // namespace slipway::net
