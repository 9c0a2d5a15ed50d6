// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "virtfs/root_choice.h"
#include "virtfs/virtfs_backend.h"

namespace slipway::virtfs {

struct MountFailure {
    RootChoice share;
    MountResult result;
};

// What a failed mount means and what to do.
[[nodiscard]] std::string describe(const MountFailure &failure);

// The kernel's way to say that there is no share with this tag.
[[nodiscard]] bool says_no_such_tag(ShareType type, const MountResult &result) noexcept;

} // namespace slipway::virtfs
