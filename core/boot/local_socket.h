// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway {

// A non-blocking socket of the Unix domain at this path, for root only. What was there before is
// removed. `type`: SOCK_DGRAM or SOCK_STREAM; nobody can connect to the latter before listen(2).
// `purpose`: for messages, "password agents".
[[nodiscard]] Result<UniqueFd> bind_local_socket(int type, const std::string &path,
                                                 const std::string &purpose);

} // namespace slipway
