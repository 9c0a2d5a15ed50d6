// SPDX-License-Identifier: LGPL-2.1-or-later
#include <charconv>
#include <format>
#include <utility>

#include "base/text.h"
#include "net/carry_over.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

// A line of an ini file; what could begin another line is left out.
void put(std::string &text, std::string_view key, std::string_view value) {
    if (is_plain_ascii(value))
        text += std::format("{}={}\n", key, value);
}

std::string_view yes_or_no(bool is_on) {
    return is_on ? "yes" : "no";
}

bool is_leased(const InterfaceState &state, const std::string &address) {
    return address.contains(':') ? state.has_leased_ipv6() : state.uses_dhcp4;
}

void put_match(std::string &text, const InterfaceState &state) {
    text += "[Match]\n";
    if (state.is_virtual || state.mac.empty()) {
        put(text, "Name", simple_name(state.name, '?'));
        return;
    }
    put(text, "MACAddress", state.mac);
    // VLANs and bonds have the address of their hardware.
    text += "Kind=!*\n";
}

std::string_view dhcp_word(const InterfaceState &state) {
    if (state.uses_dhcp4)
        return state.uses_dhcp6 ? "yes" : "ipv4";
    return state.uses_dhcp6 ? "ipv6" : "no";
}

void put_network(std::string &text, const InterfaceState &state) {
    text += "\n[Network]\n";
    // The root may be behind this: nothing is taken away, not even when a lease ends.
    put(text, "KeepConfiguration", "yes");
    put(text, "DHCP", dhcp_word(state));
    put(text, "IPv6AcceptRA", yes_or_no(state.has_leased_ipv6()));
    for (const std::string &address : state.addresses)
        if (!is_leased(state, address))
            put(text, "Address", address);
    for (const std::string &server : state.dns)
        put(text, "DNS", server);
    put(text, "Domains", join(state.search, " "));
}

void put_routes(std::string &text, const InterfaceState &state) {
    for (const std::string &gateway : state.gateways) {
        if (is_leased(state, gateway))
            continue;
        text += "\n[Route]\n";
        put(text, "Gateway", gateway);
        // Also one that is in no network of ours, as with a prefix length of 32.
        put(text, "GatewayOnLink", "yes");
    }
    for (const StaticRoute &route : state.routes) {
        if (is_leased(state, route.destination + route.gateway))
            continue;
        text += "\n[Route]\n";
        put(text, "Destination", route.destination);
        put(text, "Gateway", route.gateway);
        if (route.gateway.empty())
            put(text, "Scope", "link");
    }
}

// The same identity towards the server as the initrd had, so that it gives the same address. And
// no release when networkd ends, while the root is still mounted.
void put_dhcp4(std::string &text, const InterfaceState &state) {
    if (!state.uses_dhcp4)
        return;
    text += "\n[DHCPv4]\n";
    put(text, "ClientIdentifier", "mac");
    put(text, "SendRelease", "no");
    put(text, "UseDNS", yes_or_no(state.uses_leased_dns));
}

// RFC 8415, section 11: two bytes of type, then the rest.
void put_duid(std::string &text, std::string_view duid) {
    std::string_view type = "";
    for (const auto &[code, name] :
         {std::pair<std::string_view, std::string_view>{"0001", "link-layer-time"},
          {"0002", "vendor"},
          {"0003", "link-layer"},
          {"0004", "uuid"}})
        if (duid.starts_with(code))
            type = name;
    if (type.empty() || duid.size() < 6 || duid.size() % 2 != 0)
        return;
    std::string bytes;
    for (std::size_t i = 4; i < duid.size(); i += 2)
        bytes += std::format("{}{}", bytes.empty() ? "" : ":", duid.substr(i, 2));
    put(text, "DUIDType", type);
    put(text, "DUIDRawData", bytes);
}

void put_dhcp6(std::string &text, const InterfaceState &state) {
    if (!state.has_leased_ipv6())
        return;
    text += "\n[DHCPv6]\n";
    // DHCPv6 that waits for no advertisement.
    if (state.uses_dhcp6)
        put(text, "WithoutRA", "solicit");
    put_duid(text, state.client_duid);
    unsigned iaid = 0;
    const auto [end, error] =
        std::from_chars(state.iaid.data(), state.iaid.data() + state.iaid.size(), iaid, 16);
    if (error == std::errc() && end == state.iaid.data() + state.iaid.size())
        put(text, "IAID", std::to_string(iaid));
    put(text, "SendRelease", "no");
    put(text, "UseDNS", yes_or_no(state.uses_leased_dns));
    text += "\n[IPv6AcceptRA]\n";
    put(text, "UseDNS", yes_or_no(state.uses_leased_dns));
}

} // namespace

std::string networkd_text(const InterfaceState &state) {
    std::string text = "# Written by slipway: how the initrd has configured this interface.\n";
    put_match(text, state);
    if (state.mtu != 0)
        text += std::format("\n[Link]\nMTUBytes={}\n", state.mtu);
    put_network(text, state);
    put_routes(text, state);
    put_dhcp4(text, state);
    put_dhcp6(text, state);
    return text;
}

std::string networkd_file_name(const InterfaceState &state) {
    const std::string &which = state.is_virtual || state.mac.empty() ? state.name : state.mac;
    return std::format("10-slipway-{}.network", simple_name(which, '-'));
}

} // namespace slipway::net
