// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::fs {

// A layer over the root that takes all writes and is forgotten at power-off.
struct Overlay {
    // Limits of the memory that it may take, as tmpfs(5) has them: "size=1G,nr_inodes=10000".
    // Empty: the kernel's own, half of the memory.
    std::string limits;
};

// One value of rd.overlay=, where a bare word counts as "1". Nothing: no overlay. Complaints are of
// words that are left out. Fails for what would be kept somewhere: what is written there must not
// be lost, nor end up on the root itself.
[[nodiscard]] Result<std::optional<Overlay>> parse_overlay(std::string_view value,
                                                           std::vector<std::string> &complaints);

// What is said about rd.overlay.crypt=.
[[nodiscard]] Error encrypted_overlay_error();

} // namespace slipway::fs
