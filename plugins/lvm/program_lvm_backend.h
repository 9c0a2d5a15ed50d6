// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "lvm/lvm_backend.h"

namespace slipway::sdk {
class Context;
}

namespace slipway::lvm {

// Through the program lvm(8). `context` runs it and must outlive the back end.
[[nodiscard]] std::unique_ptr<LvmBackend> make_program_lvm_backend(sdk::Context &context);

} // namespace slipway::lvm
