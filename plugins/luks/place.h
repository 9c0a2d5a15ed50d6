// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::luks {

// Where a key or a header lies: in a file of the image, in a file on a device, or on a device as a
// whole.
struct Place {
    std::string path;   // of the file; empty: the device itself
    std::string device; // a device reference; empty: the path is in the image

    [[nodiscard]] bool operator==(const Place &) const = default;
};

// "/path", "/path:<device>", "<device>". A path below /dev is a device. The error says what is
// accepted.
[[nodiscard]] Result<Place> parse_place(std::string_view text);

// "UUID=…", "LABEL=…", "PARTUUID=…", "PARTLABEL=…" or a path below /dev, with something behind it.
[[nodiscard]] bool is_device_reference(std::string_view text);

// Splits at each ':' that a device reference follows: links below /dev may hold colons themselves.
[[nodiscard]] std::vector<std::string> split_at_devices(std::string_view text);

} // namespace slipway::luks
