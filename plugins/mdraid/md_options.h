// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>
#include <string_view>
#include <vector>

namespace slipway::mdraid {

// What the kernel command line says about arrays.
struct MdOptions {
    bool is_enabled = true;          // rd.md=
    bool reads_configuration = true; // rd.md.conf=
    bool uses_imsm = true;           // rd.md.imsm=, noiswmd, nodmraid
    bool uses_ddf = true;            // rd.md.ddf=, noddfmd, nodmraid
    std::vector<std::string> uuids;  // rd.md.uuid=: only these; empty: all

    // Why an array with this UUID is left alone; empty: it is not.
    [[nodiscard]] std::string refusal(std::string_view uuid) const;
    // … or members with metadata of this type, as libblkid names it.
    [[nodiscard]] std::string refusal_of_type(std::string_view fs_type) const;
};

[[nodiscard]] MdOptions options_of(const sdk::Request &request);

} // namespace slipway::mdraid
