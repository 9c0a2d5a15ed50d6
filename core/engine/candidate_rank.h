// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>

#include "unit/facts.h"

namespace slipway {

// Of several devices that answer to one reference those of the highest rank are meant. The members
// count in this order; a plugin sets them by the facts in docs/plugins.md.
struct CandidateRank {
    bool is_public = true; // not `private`: the hidden layers of a volume show its content, too
    int link_priority = 0; // `link_priority`: snapshots stand back behind their origin
    int preference = 0;    // `preference`: whatever else a plugin knows

    [[nodiscard]] auto operator<=>(const CandidateRank &) const = default;
};

// Numbers that are none count as 0.
[[nodiscard]] CandidateRank rank_of(const Facts &facts);

} // namespace slipway
