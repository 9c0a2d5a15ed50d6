// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace slipway::resume {

// What the header page of a swap area says.
enum class Signature : std::uint8_t {
    none,    // no swap area
    swap,    // nothing is hibernated there
    image,   // a system that the kernel can resume
    foreign, // one that something else wrote: uswsusp, TuxOnIce
};

// `page`: the whole page.
[[nodiscard]] Signature read_signature(std::span<const std::byte> page);

} // namespace slipway::resume
