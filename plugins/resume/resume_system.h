// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "resume/power_backend.h"

namespace slipway::resume {

// activate of the job `resume`: looks at the swap header on its device, and if a hibernated system
// lies there, lets the kernel resume it. Comes back only if there is none, or if that failed: a
// failure is told, and the boot goes on.
[[nodiscard]] sdk::Outcome resume_system(sdk::Context &context, const sdk::Request &request,
                                         PowerBackend &backend);

} // namespace slipway::resume
