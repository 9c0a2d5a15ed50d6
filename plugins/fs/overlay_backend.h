// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace slipway::fs {

// What an overlay over the root needs besides ordinary mounts (MountBackend). The only
// implementation that touches the system is made by make_system_overlay_backend(); tests hand in a
// fake.
class OverlayBackend {
public:
    OverlayBackend() = default;
    OverlayBackend(const OverlayBackend &) = delete;
    OverlayBackend &operator=(const OverlayBackend &) = delete;
    OverlayBackend(OverlayBackend &&) = delete;
    OverlayBackend &operator=(OverlayBackend &&) = delete;
    virtual ~OverlayBackend() = default;

    // Is a file system mounted there?
    [[nodiscard]] virtual bool is_mounted(const std::string &path) = 0;
    // The mount goes to another place, which is made if it is missing.
    [[nodiscard]] virtual Result<> move(const std::string &from, const std::string &to) = 0;
    // Nothing can be written through this mount any more, whatever the file system would allow.
    [[nodiscard]] virtual Result<> protect(const std::string &mount_point) = 0;
    // With parents. One that is there already is as good.
    [[nodiscard]] virtual Result<> make_directory(const std::string &path) = 0;
    // Gives a directory owner and mode of another one.
    [[nodiscard]] virtual Result<> copy_access(const std::string &from, const std::string &to) = 0;
    // Replaces a link that is there.
    [[nodiscard]] virtual Result<> link(const std::string &target, const std::string &path) = 0;
    // Replaces the file, or makes it, with the directories above it.
    [[nodiscard]] virtual Result<> write(const std::string &path, const std::string &text) = 0;
    // The block device behind the file system, see backing_device.h.
    [[nodiscard]] virtual std::optional<std::string> device_below(const std::string &path) = 0;
};

} // namespace slipway::fs
