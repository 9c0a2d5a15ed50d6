// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "net/dhcp_client.h"

namespace slipway::net {

// Where things are; tests have other places.
struct DhcpcdPlaces {
    std::string program = "/usr/sbin/dhcpcd";
    std::string hook = "/usr/lib/slipway/dhcp-hook";
    std::string directory = "/run/slipway/net"; // made if it is not there

    [[nodiscard]] std::string config_of(const std::string &interface) const {
        return directory + "/" + interface + ".conf";
    }
    [[nodiscard]] std::string socket_of(const std::string &interface) const {
        return directory + "/" + interface + ".sock";
    }
};

// dhcpcd.conf(5). EINVAL: a bad interface name, or a text that cannot stand in such a file.
[[nodiscard]] Result<std::string> write_dhcpcd_config(const DhcpRequest &request,
                                                      const DhcpcdPlaces &places);

// In the foreground, and for this interface only.
[[nodiscard]] std::vector<std::string> dhcpcd_arguments(const DhcpRequest &request,
                                                        const DhcpcdPlaces &places);

// After how long dhcpcd is told to begin anew when nobody has answered. Left alone it doubles its
// pauses up to 64 s, and a server that comes up late would be found that much later. Long enough
// for a server that tests the address first (up to 3 s) and for one repetition (4 s). `tries` is
// the number of those before; `random` spreads machines that were powered on together.
[[nodiscard]] std::chrono::milliseconds pause_before_try(unsigned tries, std::uint32_t random);

} // namespace slipway::net
