// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>

#include <array>
#include <format>

#include "base/text.h"
#include "net/carry_over.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

// One assignment. Within single quotes nothing is special to a shell but the quote itself.
void assign(std::string &text, std::string_view name, std::string_view value) {
    text += name;
    text += "='";
    if (is_plain_ascii(value)) {
        for (const char c : value) {
            if (c == '\'')
                text += "'\\''";
            else
                text += c;
        }
    }
    text += "'\n";
}

struct Prefixed {
    std::string address;
    unsigned length = 0;
};

Prefixed split(const std::string &text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const bool is_ipv6 = text.contains(':');
    const auto length = slash == text.size()
                            ? std::nullopt
                            : parse_number(std::string_view(text).substr(slash + 1), 128);
    return {text.substr(0, slash), length.value_or(is_ipv6 ? 128 : 32)};
}

std::string netmask(unsigned length) {
    const in_addr mask{htonl(length == 0 ? 0 : 0xFFFFFFFFU << (32 - std::min(length, 32U)))};
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &mask, text.data(), text.size());
    return text.data();
}

// klibc writes 0.0.0.0 for what is not known.
std::string at(const std::vector<std::string> &addresses, std::size_t index) {
    return index < addresses.size() ? addresses[index] : "0.0.0.0";
}

std::string first(const std::vector<std::string> &addresses, std::size_t index = 0) {
    return index < addresses.size() ? addresses[index] : "";
}

} // namespace

std::string ipconfig_text(const InterfaceState &state) {
    const auto addresses = of_family(state.addresses, false);
    if (addresses.empty())
        return {};
    const auto [address, length] = split(addresses.front());
    const auto dns = of_family(dns_of(state), false);
    std::string text;
    assign(text, "DEVICE", state.name);
    assign(text, "PROTO", state.uses_dhcp4 ? "dhcp" : "none");
    assign(text, "IPV4ADDR", address);
    assign(text, "IPV4BROADCAST", state.broadcast.empty() ? "0.0.0.0" : state.broadcast);
    assign(text, "IPV4NETMASK", netmask(length));
    assign(text, "IPV4GATEWAY", at(of_family(state.gateways, false), 0));
    assign(text, "IPV4DNS0", at(dns, 0));
    assign(text, "IPV4DNS1", at(dns, 1));
    assign(text, "HOSTNAME", state.host_name);
    assign(text, "DNSDOMAIN", state.domain);
    assign(text, "NISDOMAIN", "");
    assign(text, "ROOTSERVER", state.root_server.empty() ? "0.0.0.0" : state.root_server);
    assign(text, "ROOTPATH", state.root_path);
    assign(text, "filename", state.boot_file);
    assign(
        text, "UPTIME",
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(state.acquired).count()));
    assign(text, "DHCPLEASETIME",
           std::to_string(state.lifetime.value_or(std::chrono::seconds(0)).count()));
    assign(text, "DOMAINSEARCH", join(search_of(state), " "));
    return text;
}

std::string ipconfig6_text(const InterfaceState &state) {
    const auto addresses = of_family(state.addresses, true);
    if (addresses.empty())
        return {};
    const auto [address, length] = split(addresses.front());
    const auto dns = of_family(dns_of(state), true);
    std::string text;
    assign(text, "DEVICE6", state.name);
    assign(text, "IPV6PROTO",
           state.uses_dhcp6            ? "dhcp6"
           : state.uses_advertisements ? "auto"
                                       : "none");
    assign(text, "IPV6ADDR", address);
    assign(text, "IPV6NETMASK", std::to_string(length));
    assign(text, "IPV6GATEWAY", first(of_family(state.gateways, true)));
    assign(text, "IPV6DNS0", first(dns));
    assign(text, "IPV6DNS1", first(dns, 1));
    assign(text, "IPV6DOMAINSEARCH", join(search_of(state), " "));
    assign(text, "HOSTNAME", state.host_name);
    return text;
}

} // namespace slipway::net
