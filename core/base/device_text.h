// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// A device as people write it, as a device reference (docs/units.md): UUID=, LABEL=, PARTUUID=,
// PARTLABEL=, a path below /dev, and the kernel's device numbers ("8:1", "0801"), which become
// /dev/block/<major>:<minor>. One pair of quotes around the text or its value is removed. Nothing
// for any other text.
[[nodiscard]] std::optional<std::string> parse_device(std::string_view text);

} // namespace slipway
