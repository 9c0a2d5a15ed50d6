// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::nfs {

// An IPv4 or IPv6 address in numbers, the latter without brackets and perhaps with a zone, as in
// "fe80::1%eth0".
[[nodiscard]] bool is_address(std::string_view text);
[[nodiscard]] bool is_address_v6(std::string_view text);

// The servers of "<server>:<dir>": host names and addresses, IPv6 ones in brackets or bare. Several
// are alternatives and separated by commas, as in autofs(5). They come back without brackets. The
// text may come from the network: bounded, and nothing but names and addresses is accepted.
[[nodiscard]] Result<std::vector<std::string>> parse_servers(std::string_view text);

// As it stands in front of ":<dir>".
[[nodiscard]] std::string with_brackets(std::string_view server);

} // namespace slipway::nfs
