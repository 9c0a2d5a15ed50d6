// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::net {

// A systemd.link(5) file that an option of the kernel command line stands for.
struct LinkFile {
    std::string name; // without a folder: "72-default.link"
    std::string text;
    bool operator==(const LinkFile &) const = default;
};

// The value of net.ifname_policy=, "<policy>[,<policy>…][,<MAC address>]": without an address it
// holds for all interfaces (systemd-network-generator(8)). The files are named as that program
// names them, so that on a host which runs it they are replaced and not doubled.
[[nodiscard]] Result<LinkFile> link_file_of_policy(std::string_view value);

} // namespace slipway::net
