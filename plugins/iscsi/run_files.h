// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::iscsi {

// Which disk answers to /dev/root.
struct RootDisk {
    std::string target;
    std::uint64_t lun = 0;
    bool operator==(const RootDisk &) const = default;
};

// What this plugin leaves in /run, for itself and for the host (docs/plugins.md, README.md).
class RunFiles {
public:
    // `root`: what stands in front of all paths; tests hand in a folder of their own.
    explicit RunFiles(std::string root = "") : root_(std::move(root)) {}

    // Written before the login, so that the disk is known when it appears.
    [[nodiscard]] Result<> write_root_disk(const RootDisk &disk) const;
    [[nodiscard]] std::optional<RootDisk> read_root_disk() const;

    // For Debian's net-interface-handler: the interface must stay as it is. A name that is there
    // already stays unless `is_root`.
    [[nodiscard]] Result<> write_interface(std::string_view interface_name, bool is_root) const;

    static constexpr const char *kInitiatorFile = "/run/initiatorname.iscsi";
    [[nodiscard]] Result<> write_initiator(std::string_view name) const;

    // Text of any file below the root, at most 64 KiB; nothing if it cannot be read.
    [[nodiscard]] std::optional<std::string> read(const std::string &path) const;

private:
    [[nodiscard]] Result<> write(const std::string &path, std::string_view text) const;

    std::string root_;
};

} // namespace slipway::iscsi
