// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "builder/image_tree.h"

namespace slipway {

// What a written image holds.
struct ImageCount {
    std::size_t files = 0; // regular files that are no modules
    std::uint64_t unpacked_bytes = 0;
    // Path in the image → path on this machine, of regular files that are no modules.
    std::map<std::string, std::string, std::less<>> sources;
};

[[nodiscard]] ImageCount count_files(const ImageTree &image);

} // namespace slipway
