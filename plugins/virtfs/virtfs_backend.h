// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "system/kernel_mount.h"

namespace slipway::virtfs {

// Source: the tag. Type: "virtiofs" or "9p".
using sdk::MountRequest;
using sdk::MountResult;

// The kernel's side of shares, as this plugin needs it. The only implementation that touches the
// system is made by make_linux_backend(); tests hand in a fake.
class VirtfsBackend {
public:
    VirtfsBackend() = default;
    VirtfsBackend(const VirtfsBackend &) = delete;
    VirtfsBackend &operator=(const VirtfsBackend &) = delete;
    VirtfsBackend(VirtfsBackend &&) = delete;
    VirtfsBackend &operator=(VirtfsBackend &&) = delete;
    virtual ~VirtfsBackend() = default;

    // Is the type listed in /proc/filesystems?
    [[nodiscard]] virtual bool is_type_known(std::string_view type) = 0;
    // The devices that this driver of the virtio bus has, by their syspaths.
    [[nodiscard]] virtual std::vector<std::string> devices_of(std::string_view driver) = 0;
    // Has the kernel announce a device once more.
    [[nodiscard]] virtual Result<> announce(const std::string &syspath) = 0;
    // The tag of the share that this device is; empty: the kernel does not tell.
    [[nodiscard]] virtual std::string tag_of(const std::string &syspath) = 0;
    // Is a share mounted there, and does the host answer?
    [[nodiscard]] virtual bool is_mounted(const std::string &target) = 0;
    // `target` is made if it is missing. Comes back when the host has answered.
    [[nodiscard]] virtual MountResult mount(const MountRequest &request) = 0;
};

} // namespace slipway::virtfs
