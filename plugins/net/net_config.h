// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/ip_word.h"
#include "net/link_backend.h"

namespace slipway::net {

// Options in the order in which slipway hands them over; of lists one value per line.
using OptionList = std::vector<std::pair<std::string, std::string>>;

struct Vlan {
    std::string name;
    std::string parent;
    std::uint16_t id = 0;
    bool operator==(const Vlan &) const = default;
};

// A bond or bridge.
struct Master {
    std::string kind; // "bond", "bridge"
    std::string name;
    std::vector<std::string> ports;
    std::vector<std::pair<std::string, std::string>> options; // of bonds
    unsigned mtu = 0;                                         // bytes; 0: as it is
    bool operator==(const Master &) const = default;
};

struct WantedRoute {
    StaticRoute route;
    std::string interface; // empty: the one through which its gateway is reached
};

// What the kernel command line says about the network: dracut.cmdline(7).
struct NetConfig {
    bool is_needed = false;    // something asks for the network at all
    bool carries_root = false; // the root, or a disk below it, comes from there
    std::vector<IpWord> words;
    std::vector<std::pair<std::string, std::string>> names; // ifname=: name, hardware address
    std::string boot_interface;                             // bootdev=
    std::string boot_mac;                                   // BOOTIF=
    std::vector<Vlan> vlans;
    std::vector<Master> masters;
    std::vector<WantedRoute> routes;
    std::vector<std::string> dns; // nameserver=
    std::string domain;
    bool uses_leased_dns = true;              // rd.peerdns=
    bool reads_firmware = false;              // rd.iscsi.ibft, iscsi_auto
    std::chrono::seconds carrier_timeout{10}; // rd.net.timeout.carrier=
    std::vector<std::string> warnings;        // words that are ignored, with the reason
};

[[nodiscard]] NetConfig read_net_config(const OptionList &options);

} // namespace slipway::net
