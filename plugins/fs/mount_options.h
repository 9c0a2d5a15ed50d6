// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::fs {

// "a,b=\"x,y\",c" → words. A comma between double quotes does not split, see the options of SELinux
// in mount(8). Empty words are dropped.
[[nodiscard]] std::vector<std::string> split_mount_options(std::string_view text);

// The fourth field of fstab(5), or a kernel command line option of that form, sorted by whom it
// concerns.
struct MountOptions {
    std::vector<std::string> flags;            // for mount(8), without those below
    std::optional<bool> writable;              // the last of ro and rw
    bool may_fail = false;                     // nofail
    bool is_manual = false;                    // noauto
    bool is_network = false;                   // _netdev
    bool is_bind = false;                      // bind or rbind, which stay in `flags`
    bool is_for_initrd = false;                // x-initrd.mount
    std::optional<std::string> device_timeout; // x-systemd.device-timeout=; "0": no limit
    std::optional<std::string> timeout;        // x-systemd.mount-timeout=; "infinity": no limit
    std::vector<std::string> needed_paths;     // x-systemd.requires-mounts-for=
    std::vector<std::string> complaints;       // words that are not honoured, with the reason
};

[[nodiscard]] MountOptions read_mount_options(std::string_view text);

} // namespace slipway::fs
