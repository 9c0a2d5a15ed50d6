// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::nfs {

// Whether a word that came from the network is an option of nfs(5) or mount(8) with a value that
// such an option can have. The error names the word.
[[nodiscard]] Result<> check_untrusted_option(std::string_view word);

// Mount options, sorted by who has to know them.
struct MountOptions {
    std::vector<std::string> kernel;         // for the file system, in their order
    std::vector<std::string> attributes;     // of the mount point: "nosuid", "noatime", …
    std::optional<bool> writable;            // ro and rw
    std::vector<std::string> versions;       // to be tried in this order: "4.2", …, "3"
    std::string transport;                   // of proto= and the like; empty: TCP
    std::optional<std::uint16_t> port;       // of the server
    std::optional<std::uint16_t> mount_port; // of its mountd
    bool chooses_locking = false;
    bool chooses_security = false;

    // Speaks TCP, so that a TCP connection tells whether the server is there.
    [[nodiscard]] bool uses_tcp() const {
        return transport.empty() || transport.starts_with("tcp");
    }
    // proto=tcp and proto=tcp6 stand for one family each (nfs(5)).
    [[nodiscard]] bool admits(bool is_v6) const {
        return transport.empty() || transport.ends_with('6') == is_v6;
    }
};

// `words` in the order in which they count: later ones win. `is_v4`: without an option that says
// otherwise only version 4 is meant. Fails for a version that no kernel speaks.
[[nodiscard]] Result<MountOptions> read_mount_options(const std::vector<std::string> &words,
                                                      bool is_v4);

} // namespace slipway::nfs
