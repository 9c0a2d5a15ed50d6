// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace slipway::fs {

// `path` inside the tree below `root`, which is looked at as if it were "/": links, also absolute
// ones and those with "..", never lead out (openat2(2), RESOLVE_IN_ROOT). The result has no links
// left, so that nobody follows one again when it is used.
[[nodiscard]] Result<std::string> resolve_in_root(const std::string &root, const std::string &path);

// The content of a regular file of the tree, at most `max_bytes` of it.
[[nodiscard]] Result<std::string> read_file_in_root(const std::string &root,
                                                    const std::string &path, std::size_t max_bytes);

} // namespace slipway::fs
