// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/link_backend.h"

namespace slipway::net {

// Who told us: RFC 2131, RFC 8415, RFC 4861.
enum class LeaseSource : std::uint8_t { dhcp4, dhcp6, router_advertisement };

// What a server or router gave to an interface. Every text has been checked: addresses are
// addresses, names are names, everything is printable ASCII. Empty: not given, or refused.
struct Lease {
    LeaseSource source = LeaseSource::dhcp4;
    std::vector<std::string> addresses; // with prefix length: "192.168.50.101/24"
    std::vector<std::string> routers;   // of default routes, best first
    std::vector<StaticRoute> routes;    // all others; never a default route
    std::vector<std::string> dns;
    std::string domain;
    std::vector<std::string> search;
    std::string host_name;
    std::string root_path; // option 17, or the boot file URL of DHCPv6; raw, at most 1024 bytes
    std::string root_path_refusal; // why there is none although the server gave one
    std::string next_server;       // siaddr, or option 66 if that is an address
    std::string server;            // who gave the lease: option 54; of advertisements the router
    std::string boot_file;         // field `file` or option 67
    std::string broadcast;
    std::string client_duid;                      // DHCPv6: as it was sent, hexadecimal digits
    std::string iaid;                             // DHCPv6: eight hexadecimal digits
    unsigned mtu = 0;                             // bytes; 0: not given
    std::optional<std::chrono::seconds> lifetime; // nothing: not given, or for ever
    std::chrono::microseconds acquired{0};        // CLOCK_BOOTTIME; set by who received it

    [[nodiscard]] bool is_ipv6() const noexcept { return source != LeaseSource::dhcp4; }
};

// All but `acquired`.
[[nodiscard]] bool is_same_lease(const Lease &left, const Lease &right);

enum class DhcpNews : std::uint8_t {
    lease, // got, renewed or changed
    lost,  // what came from this source before is not valid any more
    other, // nothing that concerns addresses
};

struct DhcpMessage {
    std::string interface;
    std::string reason; // dhcpcd's word: "BOUND6"
    DhcpNews news = DhcpNews::other;
    Lease lease;                         // with news `lease`; with `lost` only its source counts
    std::vector<std::string> complaints; // one per field that was refused, for the log
};

// Reads the datagram of the hook: variables "name=value" as dhcpcd-run-hooks(8) describes them,
// each closed by a zero byte. Their values come from the network. A bad one is left out with a
// complaint and the others are kept; an error means that this is no such message.
[[nodiscard]] Result<DhcpMessage> parse_dhcp_message(std::string_view datagram);

constexpr std::size_t kMaxDatagramBytes = 65536;

} // namespace slipway::net
