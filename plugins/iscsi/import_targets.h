// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

namespace slipway::iscsi {

// import: a unit iscsi@<key> for each target of the kernel command line, and for those of the
// firmware together. That of a lease is made when there is one.
[[nodiscard]] sdk::Outcome import_targets(sdk::Context &context, const sdk::Request &request);

} // namespace slipway::iscsi
