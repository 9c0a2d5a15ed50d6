// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fs/mount_options.h"

namespace slipway::fs {

// Slashes stay, so that no two paths share a name; '@' would make a template or an instance of one
// and becomes "%40".
[[nodiscard]] std::string mount_unit_name(std::string_view root, std::string_view where);

// A file system besides the root that is mounted in the initrd: /usr, entries of fstab with
// x-initrd.mount, and those of the kernel command line.
struct EarlyMount {
    std::string where;      // "/usr": absolute, without ".", ".." and doubled slashes
    bool is_in_root = true; // below the sysroot; otherwise in the initrd itself
    std::string device;     // a device reference; empty: there is `source` instead
    std::string source;     // a path of the same root to bind, or a name as "tmpfs"
    bool is_bind = false;
    std::vector<std::string> types; // in order of preference; empty: by probing
    std::string flags;              // with exactly one of ro and rw, at the end
    bool wants_check = false;
    bool may_fail = false;
    std::optional<std::string> device_timeout; // "0": no limit
    std::optional<std::string> timeout;        // of the mount; "infinity": no limit
    std::vector<std::string> needed_paths;     // mount points at or above these come first

    // "sysroot/usr", "initrd/mnt"
    [[nodiscard]] std::string unit_name() const {
        return mount_unit_name(is_in_root ? "sysroot" : "initrd", where);
    }
};

// The mount points below the sysroot.
[[nodiscard]] std::vector<std::string> taken_in_root(std::span<const EarlyMount> mounts);

// A path as it is compared: absolute, without "." and doubled or trailing slashes. Nothing if it is
// relative or holds "..".
[[nodiscard]] std::optional<std::string> normal_path(std::string_view path);

// `where` must be normal, `type` is the third field of fstab(5). The error says why such a thing
// cannot be mounted in the initrd. Without ro or rw in `options` it is `is_writable`.
[[nodiscard]] Result<EarlyMount> make_early_mount(std::string_view source, std::string_view where,
                                                  std::string_view type,
                                                  const MountOptions &options,
                                                  bool is_writable = true);

// One value of systemd.mount-extra= (below the sysroot) or rd.systemd.mount-extra=:
// WHAT:WHERE[:TYPE[:OPTIONS]], where "\:" is a colon inside a part.
[[nodiscard]] Result<EarlyMount> parse_mount_extra(std::string_view value, bool is_in_root,
                                                   std::vector<std::string> &complaints);

} // namespace slipway::fs
