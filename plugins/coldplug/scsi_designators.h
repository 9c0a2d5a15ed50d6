// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::coldplug {

// One designation descriptor of the SCSI page "device identification" (SPC-4, 7.8.6), of the
// logical unit itself.
struct ScsiDesignator {
    enum class Type : std::uint8_t { vendor = 0, t10 = 1, eui64 = 2, naa = 3 };
    Type type = Type::vendor;
    bool is_binary = false;
    std::string bytes;

    // Lower-case hexadecimal digits of a binary designator.
    [[nodiscard]] std::string hex() const;
};

// `page`: the bytes of the attribute vpd_pg83. What is malformed, of another type, or of a port or
// target is left out.
[[nodiscard]] std::vector<ScsiDesignator> parse_scsi_designators(std::string_view page);

} // namespace slipway::coldplug
