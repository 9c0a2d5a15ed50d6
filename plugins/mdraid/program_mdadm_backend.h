// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "mdraid/mdadm_backend.h"

namespace slipway::sdk {
class Context;
}

namespace slipway::mdraid {

// Through the program mdadm(8) and sysfs. `context` runs it and must outlive the back end.
[[nodiscard]] std::unique_ptr<MdadmBackend> make_program_mdadm_backend(sdk::Context &context,
                                                                       bool reads_configuration);

} // namespace slipway::mdraid
