// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "luks/luks_command_line.h"

namespace slipway::luks {

// What the options of a request say.
[[nodiscard]] LuksCommandLine command_line_of(const sdk::Request &request);

// The crypttab of the image, or nothing if there is none. `root` is the tree in which it is looked
// for, "" for that of this process: `slipway build` imports for another.
using CrypttabReader = std::function<std::optional<std::string>(std::string_view root)>;

// import: runs for the command line, and once for crypttab. Volumes named on the command line may
// have their name and key in crypttab; so the run for the command line reads that file itself, and
// the run for the file then has nothing to add. Each volume is written by one run only. cryptopts=
// stands for crypttab.
[[nodiscard]] sdk::Outcome import_volumes(sdk::Context &context, const sdk::Request &request,
                                          const CrypttabReader &read_crypttab);

} // namespace slipway::luks
