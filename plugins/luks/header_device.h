// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>
#include <string_view>

#include "luks/medium_backend.h"

namespace slipway::luks {

// Where luks-header@<key> leaves the header for luks@<key>: a copy of a file, or a link to a device
// that holds nothing else.
[[nodiscard]] std::string header_copy_of(std::string_view key);

// activate of luks-header@<key>: brings the header from the unit's device. Param: path (of the file
// on the device; absent: the device is the header).
[[nodiscard]] sdk::Outcome bring_header(sdk::Context &context, const sdk::Request &request,
                                        MediumBackend &backend);

// Of luks@<key>, after it was unlocked: what luks-header@<key> left is not needed any more. It
// stays as long as the volume is locked, because a person may ask for another try.
void forget_header(sdk::Context &context, const sdk::Request &request, MediumBackend &backend);

} // namespace slipway::luks
