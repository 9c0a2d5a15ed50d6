// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/ibft.h"
#include "net/net_config.h"

namespace slipway::net {

// What is known of an interface when something is to be done with it.
struct LinkIdentity {
    std::string name;
    std::string mac;
    std::string kind; // as Link::kind
    bool is_ethernet = false;
    bool is_wireless = false; // WLAN or mobile: of type Ethernet as well, but of no use here
    bool is_first = false;    // of the hardware that is there, the one with the lowest number
};

// How an interface gets addresses, and which ones it has already.
struct IpPlan {
    IpMethods methods;
    std::vector<StaticAddress> addresses;
    std::vector<StaticRoute> routes; // default routes first
    std::vector<std::string> dns;
    std::string host_name;
    unsigned mtu = 0;
    std::string mac;
};

// What is done with one interface. `ip` and `vlans` may both be there.
struct LinkPlan {
    std::string new_name;         // first of all it gets this name
    std::optional<Master> master; // it becomes a port of that
    std::vector<Vlan> vlans;      // made on top of it
    std::optional<IpPlan> ip;
    std::string reason; // if nothing of this is done, why, for the log

    [[nodiscard]] bool is_nothing() const noexcept {
        return new_name.empty() && !master && vlans.empty() && !ip;
    }
};

// `host_name`: the name that the host gives this interface; empty: not known, or the one it has.
[[nodiscard]] LinkPlan plan_link(const NetConfig &config, const LinkIdentity &link,
                                 const FirmwareNetwork &firmware,
                                 const std::string &host_name = "");

// Does the command line name an interface that is not known under this name? Only then it is worth
// while to find out what the host calls this one.
[[nodiscard]] bool may_have_host_name(const NetConfig &config, const LinkIdentity &link);

} // namespace slipway::net
