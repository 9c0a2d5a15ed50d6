// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace slipway::net {

// A network interface as the kernel has it: rtnetlink(7).
struct Link {
    int index = 0;
    std::string name;
    std::string mac;   // "52:54:00:12:34:56"; empty: it has none
    std::string kind;  // "bond", "bridge", "vlan", …; empty: hardware
    unsigned type = 0; // ARPHRD_*
    bool is_up = false;
    bool has_carrier = false; // a cable, or what it stands for
    int master = 0;           // index of the bond or bridge that it is a port of; 0: none
};

struct StaticAddress {
    std::string address; // with prefix length: "192.168.50.101/24"
    std::string peer;    // of a point-to-point link; empty: none
};

struct StaticRoute {
    std::string destination; // with prefix length; empty: the default route
    std::string gateway;     // empty: on the link
};

// Our verbs for the kernel's network configuration. Errors name what was to be done, and the
// kernel's reason. What is there already is success.
class LinkBackend {
public:
    LinkBackend() = default;
    LinkBackend(const LinkBackend &) = delete;
    LinkBackend &operator=(const LinkBackend &) = delete;
    LinkBackend(LinkBackend &&) = delete;
    LinkBackend &operator=(LinkBackend &&) = delete;
    virtual ~LinkBackend() = default;

    // Nothing: there is none of that name (any more).
    [[nodiscard]] virtual Result<std::optional<Link>> find(const std::string &name) = 0;
    // Of the hardware that is there, the one with the lowest number?
    [[nodiscard]] virtual bool is_first(const Link &link) = 0;
    // Takes the interface down for a moment if it is up. EEXIST: another one has that name.
    [[nodiscard]] virtual Result<> rename(const Link &link, const std::string &name) = 0;
    [[nodiscard]] virtual Result<> set_up(const Link &link) = 0;
    [[nodiscard]] virtual Result<> set_down(const Link &link) = 0;
    [[nodiscard]] virtual Result<> set_mtu(const Link &link, unsigned mtu) = 0; // bytes
    [[nodiscard]] virtual Result<> set_mac(const Link &link, const std::string &mac) = 0;

    // Options as the kernel's documentation on bonding names them: {"mode", "active-backup"}.
    [[nodiscard]] virtual Result<>
    make_bond(const std::string &name,
              const std::vector<std::pair<std::string, std::string>> &options) = 0;
    [[nodiscard]] virtual Result<> make_bridge(const std::string &name) = 0;
    [[nodiscard]] virtual Result<> make_vlan(const Link &parent, const std::string &name,
                                             std::uint16_t id) = 0;
    // A bond takes a port only while that is down.
    [[nodiscard]] virtual Result<> add_port(const Link &port, const Link &master) = 0;

    [[nodiscard]] virtual Result<> add_address(const Link &link, const StaticAddress &address) = 0;
    // An address that is there already loses its time limit: it stays when nobody renews a lease.
    [[nodiscard]] virtual Result<> keep_address(const Link &link, const std::string &address) = 0;
    // From now on the kernel itself follows router advertisements on this link, for routes and for
    // addresses (accept_ra and autoconf, networking/ip-sysctl.rst): what they gave has an end, and
    // a client that took over from the kernel is gone after the switch.
    [[nodiscard]] virtual Result<> follow_advertisements(const Link &link) = 0;
    [[nodiscard]] virtual Result<> add_route(const Link &link, const StaticRoute &route) = 0;

    // False: not within `limit`. Sleeps on the kernel's messages.
    [[nodiscard]] virtual Result<bool> wait_for_carrier(const Link &link,
                                                        std::chrono::milliseconds limit) = 0;
};

} // namespace slipway::net
