// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::fs {

struct MountResult {
    int code = 0;                     // errno value; 0: success
    std::string detail;               // the library's text, may be empty
    bool is_forced_read_only = false; // success, but not writable: the device is not
};

// A device that is held open, so that its node names nothing else meanwhile.
struct HeldDevice {
    UniqueFd pin;
    std::string fs_uuid; // of the file system on it; empty: there is none of this type
};

// Mounting, as this plugin needs it. The only implementation that touches the system is made by
// make_libmount_backend(); tests hand in a fake.
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
    // `path` of the tree below `root`, with all links resolved as if `root` were "/": the result
    // lies below `root`, whatever the tree holds.
    [[nodiscard]] virtual Result<std::string> resolve(const std::string &root,
                                                      const std::string &path) = 0;
    // A file of that tree, resolved in the same way; at most `max_bytes` of it.
    [[nodiscard]] virtual Result<std::string>
    read_file(const std::string &root, const std::string &path, std::size_t max_bytes) = 0;
    // Opens the device and looks whether a file system of `type` is on it, and which.
    [[nodiscard]] virtual Result<HeldDevice> hold(const std::string &devnode,
                                                  std::string_view type) = 0;
    // `target` is made if it is the initrd's own and missing. `options` in the words of mount(8).
    [[nodiscard]] virtual MountResult mount(const std::string &devnode, const std::string &target,
                                            const std::string &type,
                                            const std::string &options) = 0;
};

} // namespace slipway::fs
