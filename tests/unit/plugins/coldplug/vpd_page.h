// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace slipway::test {

// The SCSI page "device identification" (SPC-4, 7.8.6), put together by hand.

// `type` 0 vendor, 1 T10, 2 EUI-64, 3 NAA; `code_set` 1 binary, 2 ASCII; `association` 0 the
// logical unit, 1 the port, 2 the target.
inline std::string descriptor(unsigned type, unsigned code_set, const std::string &bytes,
                              unsigned association = 0) {
    std::string raw;
    raw += static_cast<char>(code_set);
    raw += static_cast<char>(association << 4U | type);
    raw += '\0';
    raw += static_cast<char>(bytes.size());
    return raw + bytes;
}

inline std::string vpd_page(const std::string &descriptors) {
    std::string raw;
    raw += '\0';
    raw += '\x83';
    raw += static_cast<char>(descriptors.size() >> 8U);
    raw += static_cast<char>(descriptors.size() & 0xFFU);
    return raw + descriptors;
}

} // namespace slipway::test
