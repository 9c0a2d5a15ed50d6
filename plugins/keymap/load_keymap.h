// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <slipway/plugin.h>

namespace slipway::keymap {

// Loads the map that the system is configured for, with the program loadkeys. `root`: where the
// image is, "" but in tests.
[[nodiscard]] sdk::Outcome load_keymap(sdk::Context &context, const sdk::Request &request,
                                       const std::string &root = "");

} // namespace slipway::keymap
