// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace slipway::sdk {

struct MountRequest {
    std::string source; // as the file system wants it: "<server>:<dir>", a tag, …
    std::string type;
    std::string target;
    // Of the file system: "key=value" or a word. "ro" also makes the mount point read-only.
    std::vector<std::string> options{};
    // Of the mount point, as in mount(8): "nosuid", "nodev", "noexec", "noatime", "strictatime",
    // "nodiratime". Others have no effect.
    std::vector<std::string> attributes{};
};

struct MountResult {
    int code = 0;         // errno value; 0: mounted. ETIMEDOUT also if a limit has passed
    std::string option{}; // the kernel refuses this one of the options
    std::string detail{}; // what the kernel says about it, may be empty
};

// Mounts with fsopen(2) and its kin rather than mount(2), because their errors name the option.
[[nodiscard]] MountResult mount_file_system(const MountRequest &request);

// The same in a process of its own, which is killed when the limit has passed: the kernel may wait
// for a server for minutes, but never for a process that has to die.
[[nodiscard]] MountResult mount_within(const MountRequest &request,
                                       std::chrono::milliseconds limit);

} // namespace slipway::sdk
