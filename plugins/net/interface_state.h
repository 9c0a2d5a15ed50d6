// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/lease.h"

namespace slipway::net {

// How an interface is configured, whoever did it: what the host has to be told. Plain values; all
// addresses are valid ones in the spelling of inet_ntop(3).
struct InterfaceState {
    std::string name{};
    int index = 0;           // stays the same when the interface is renamed; 0: not known
    std::string mac{};       // "52:54:00:12:34:56"; empty: it has none
    bool is_virtual = false; // a bond, bridge or VLAN: its name is its own, its address may not be
    bool carries_root = false; // the root comes over the network, perhaps over this interface
    bool uses_dhcp4 = false;   // so the addresses, gateways and routes of IPv4 come from a lease
    bool uses_advertisements = false;     // the same of IPv6
    bool uses_dhcp6 = false;              // the same of IPv6
    bool uses_leased_dns = true;          // rd.peerdns=
    std::vector<std::string> addresses{}; // with prefix length
    std::vector<std::string> gateways{};  // of default routes
    std::vector<StaticRoute> routes{};    // all others
    std::vector<std::string> dns{};       // from the command line
    std::vector<std::string> leased_dns{};
    std::vector<std::string> search{}; // from the command line
    std::vector<std::string> leased_search{};
    std::string domain{};
    std::string host_name{};
    unsigned mtu = 0; // bytes, from the command line; 0: not given
    std::string broadcast{};
    std::string root_server{};
    std::string root_path{};
    std::string boot_file{};
    std::string client_duid{}; // as in Lease
    std::string iaid{};
    std::optional<std::chrono::seconds> lifetime{}; // of the IPv4 lease
    std::chrono::microseconds acquired{0};          // of the same, CLOCK_BOOTTIME

    [[nodiscard]] bool has_leased_ipv6() const noexcept {
        return uses_advertisements || uses_dhcp6;
    }
};

// What the command line says (`base`) with what the leases add to it. The base wins where there can
// be one value only.
[[nodiscard]] InterfaceState with_leases(InterfaceState base, std::span<const Lease> leases);

// Those of one family, in their order.
[[nodiscard]] std::vector<std::string> of_family(const std::vector<std::string> &addresses,
                                                 bool is_ipv6);

// The servers that count, without repetitions: those of the command line come first.
[[nodiscard]] std::vector<std::string> dns_of(const InterfaceState &state);
// The same for search domains; the domain itself is one.
[[nodiscard]] std::vector<std::string> search_of(const InterfaceState &state);

// The name as a part of a file's name or a pattern of glob(7): all but ASCII letters, digits, '.',
// '-', '_' becomes `other`.
[[nodiscard]] std::string simple_name(std::string_view name, char other);

} // namespace slipway::net
