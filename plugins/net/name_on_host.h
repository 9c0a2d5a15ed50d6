// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>

#include "base/result.h"
#include "net/interface_namer.h"

namespace slipway::net {

// Where systemd's programs find .link files that were made for this boot; the host reads it too.
inline constexpr std::string_view kLinkFolder = "/run/systemd/network";

// The name that the host will give the interface with this path ("/sys/devices/…/net/eth0"); the
// one that it has if the host leaves it alone. `options`: net.ifname_policy, a list; what it says
// is written to .link files first. net.ifnames= and net.naming_scheme= are read by udev itself,
// which ignores biosdevname=. Runs a program, 0.1 to 1.5 s in QEMU: ask only for an interface whose
// own name the command line does not know while it names one that is not there. A name that was
// given before, by anybody, stays (policy "keep"), here and on the host.
[[nodiscard]] Result<std::string> name_on_host(sdk::Context &context, const sdk::Pairs &options,
                                               const std::string &syspath);

// The same with parts that a test replaces.
[[nodiscard]] Result<std::string> name_on_host(sdk::Context &context, const sdk::Pairs &options,
                                               const std::string &syspath, InterfaceNamer &namer,
                                               const std::string &link_folder);

} // namespace slipway::net
