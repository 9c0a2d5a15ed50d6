// SPDX-License-Identifier: LGPL-2.1-or-later
#include <format>

#include "base/text.h"
#include "net/carry_over.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

// A line of a key file; lists have a semicolon at their end.
void put(std::string &text, std::string_view key, std::string_view value) {
    if (is_plain_ascii(value))
        text += std::format("{}={}\n", key, value);
}

void put_list(std::string &text, std::string_view key, const std::vector<std::string> &values) {
    if (!values.empty())
        put(text, key, join(values, ";") + ";");
}

void put_family(std::string &text, const InterfaceState &state, bool is_ipv6) {
    const bool is_leased = is_ipv6 ? state.has_leased_ipv6() : state.uses_dhcp4;
    const auto addresses = of_family(state.addresses, is_ipv6);
    const auto gateways = of_family(state.gateways, is_ipv6);
    text += is_ipv6 ? "\n[ipv6]\n" : "\n[ipv4]\n";
    put(text, "method",
        is_leased            ? "auto"
        : !addresses.empty() ? "manual"
        : is_ipv6            ? "link-local"
                             : "disabled");
    if (!is_leased) {
        for (std::size_t i = 0; i < addresses.size(); ++i)
            put(text, std::format("address{}", i + 1), addresses[i]);
        if (!gateways.empty())
            put(text, "gateway", gateways.front());
        unsigned number = 0;
        for (const StaticRoute &route : state.routes)
            if ((route.destination + route.gateway).contains(':') == is_ipv6)
                put(text, std::format("route{}", ++number),
                    route.destination + (route.gateway.empty() ? "" : "," + route.gateway));
    } else if (is_ipv6) {
        put(text, "addr-gen-mode", "eui64");
    } else {
        put(text, "dhcp-client-id", "mac");
    }
    put_list(text, "dns", of_family(state.dns, is_ipv6));
    put_list(text, "dns-search", state.search);
    if (is_leased && !state.uses_leased_dns)
        put(text, "ignore-auto-dns", "true");
}

} // namespace

std::string networkmanager_text(const InterfaceState &state) {
    if (state.is_virtual || state.mac.empty())
        return {};
    std::string text = "# Written by slipway: how the initrd has configured this interface.\n"
                       "[connection]\n";
    put(text, "id", "slipway-" + simple_name(state.name, '_'));
    put(text, "type", "ethernet");
    put(text, "autoconnect-priority", "100");
    text += "\n[ethernet]\n";
    put(text, "mac-address", state.mac);
    if (state.mtu != 0)
        put(text, "mtu", std::to_string(state.mtu));
    put_family(text, state, false);
    put_family(text, state, true);
    return text;
}

} // namespace slipway::net
