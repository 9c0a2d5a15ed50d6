// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/system.h"

namespace slipway {

// The program that runs next, as seen from inside the sysroot.
struct RealInit {
    std::string path;        // as it was named: becomes argv[0]
    std::string resolved;    // without links
    bool is_systemd = false; // takes the handover by memory file (handover.h)
};

// What `path` means once `root` is "/": links, also absolute ones, and ".." never lead out of it.
// The result starts with "/" and holds no links; ENOENT, ELOOP or ENOTDIR otherwise.
[[nodiscard]] Result<std::string> resolve_in_root(System &system, const std::string &root,
                                                  const std::string &path);

// The init of a sysroot: what init= named, and only that, or the first executable of /sbin/init,
// /etc/init and /bin/init, the kernel's own list. /bin/sh, the last of that list, is left out: a
// root shell that nobody asked for would pass by the shell policy.
[[nodiscard]] Result<RealInit> find_real_init(System &system, const std::string &sysroot,
                                              const std::optional<std::string> &named);

} // namespace slipway
