// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace slipway::fs {

struct MountFailure {
    int code = 0;       // errno value; 0: success
    std::string detail; // the library's text, may be empty
};

// Mounting, as this plugin needs it. The only implementation that touches the system is made by
// make_mount_backend(); tests hand in a fake.
class MountBackend {
public:
    MountBackend() = default;
    MountBackend(const MountBackend &) = delete;
    MountBackend &operator=(const MountBackend &) = delete;
    MountBackend(MountBackend &&) = delete;
    MountBackend &operator=(MountBackend &&) = delete;
    virtual ~MountBackend() = default;

    // Is the type listed in /proc/filesystems, that is: needs no module any more?
    [[nodiscard]] virtual bool is_type_known(std::string_view type) = 0;
    // The mount point is made if it is missing. `options` in the words of mount(8).
    [[nodiscard]] virtual MountFailure mount(const std::string &devnode, const std::string &target,
                                             const std::string &type,
                                             const std::string &options) = 0;
};

} // namespace slipway::fs
