// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "nfs/nfs_backend.h"

namespace slipway::nfs {

// One try of one version at one address, that failed.
struct MountFailure {
    std::string source;  // "<server>:<dir>"
    std::string address; // of the server
    std::string version; // "4.2"
    MountResult result;
};

// For people: what, from where, why, and what to do. May come from the network; printable.
[[nodiscard]] std::string describe(const MountFailure &failure);

// The server does not accept a connection to `port`. The errno value says how.
[[nodiscard]] std::string describe_unreachable(std::string_view server, std::string_view address,
                                               unsigned port, int code);

// What a failure of one version says about the others (as mount.nfs(8) goes about it).
enum class NextVersion : unsigned char {
    none,  // nothing is to be expected of another version
    next,  // this version is not spoken
    three, // a server without version 4, or one that exports the directory to version 3 only
};
[[nodiscard]] NextVersion next_version(const MountResult &result, std::string_view version);

} // namespace slipway::nfs
