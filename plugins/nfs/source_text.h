// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::nfs {

// What the texts of root=, nfsroot= and of a DHCP root-path have in common. What is empty was not
// said, and has to come from elsewhere.
struct Source {
    bool is_v4 = false;               // nfs4:
    std::vector<std::string> servers; // alternatives in this order, see parse_servers()
    std::string directory;            // begins with a slash; may hold "%s"
    std::vector<std::string> options; // of nfs(5), in their order
};

// On the kernel command line: "[nfs:|nfs4:][<servers>:]<dir>[:<options>|,<options>]",
// "[nfs:|nfs4:]<servers>:" and "nfs://<server>/<dir>" (RFC 2224). The directory ends at the first
// ':' or ','. Options are not checked here: they are for the kernel to know.
[[nodiscard]] Result<Source> parse_source(std::string_view text);

// A DHCP root-path (option 17, RFC 2132): the same forms, but nothing in it is trusted. Errors with
// the code ENOMSG: it is meant for another protocol, which is no mistake of anybody.
[[nodiscard]] Result<Source> parse_root_path(std::string_view text);

} // namespace slipway::nfs
