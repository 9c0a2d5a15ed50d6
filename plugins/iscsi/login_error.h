// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "iscsi/initiator_backend.h"

namespace slipway::iscsi {

// What an exit code of iscsiadm(8) means ("EXIT STATUS"), in words for people, and whether another
// try may help. `errors` is what the program wrote; its last line is added to what is not clear by
// itself.
[[nodiscard]] LoginResult login_result_of(int exit_code, std::string_view errors);

} // namespace slipway::iscsi
