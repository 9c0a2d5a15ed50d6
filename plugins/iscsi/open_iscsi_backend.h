// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "iscsi/initiator_backend.h"
#include "iscsi/limited_run.h"

namespace slipway::sdk {
class Context;
}

namespace slipway::iscsi {

// Through open-iscsi's iscsid(8) and iscsiadm(8). Passwords go through a record of its database,
// readable for root only and wiped after the login: no program gets them as an argument. `context`
// must outlive the back end. `root`: what stands in front of the database's path, and `run`: what
// runs iscsiadm; tests hand in their own.
[[nodiscard]] std::unique_ptr<InitiatorBackend>
make_open_iscsi_backend(sdk::Context &context, std::string root = "", ProgramRunner run = {});

} // namespace slipway::iscsi
