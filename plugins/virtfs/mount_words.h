// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "virtfs/root_choice.h"

namespace slipway::virtfs {

// rootflags=, ro and rw, sorted by who takes them.
struct MountWords {
    std::vector<std::string>
        options; // of the file system, with exactly one of ro and rw at the end
    std::vector<std::string> attributes; // of the mount point: "nosuid", "noatime", …
};

// `flags`: the words of rootflags=. `writable`: what the bare ro or rw says, which wins over the
// one in `flags`; without either the root is read-only. 9p speaks version 9p2000.L over virtio
// with cache=mmap, unless `flags` say something else for version or cache.
[[nodiscard]] Result<MountWords> read_mount_words(ShareType type,
                                                  const std::vector<std::string> &flags,
                                                  std::optional<bool> writable);

} // namespace slipway::virtfs
