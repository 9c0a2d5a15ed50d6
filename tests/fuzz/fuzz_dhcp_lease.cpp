// SPDX-License-Identifier: LGPL-2.1-or-later
// The message of the DHCP hook, whose values a server chooses, up to the files that the host reads.
// In the input each variable is a line; a line "%%" begins another message.
#include <algorithm>
#include <vector>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "net/carry_over.h"
#include "net/lease.h"
#include "net/lease_text.h"

namespace {

using namespace slipway;
using namespace slipway::net;
using fuzz::require;

void check_lease(const Lease &lease) {
    for (const auto *list : {&lease.routers, &lease.dns})
        for (const std::string &address : *list)
            require(canonical_ipv4(address) == address || canonical_ipv6(address) == address,
                    "servers are addresses", address);
    for (const std::string &address : lease.addresses) {
        const std::string host = address.substr(0, address.find('/'));
        require(address.contains('/') && lease.is_ipv6() == address.contains(':') &&
                    (canonical_ipv4(host) == host || canonical_ipv6(host) == host),
                "addresses are of the family and have a prefix", address);
    }
    for (const std::string &domain : lease.search)
        require(is_domain_name(domain), "domains are names", domain);
    require(lease.host_name.empty() || is_domain_name(lease.host_name), "the host has a name",
            lease.host_name);
    require(lease.root_path.size() <= 1024 &&
                (lease.root_path.empty() || is_plain_ascii(lease.root_path)),
            "the root path is plain", lease.root_path);
    require(lease.mtu == 0 || (lease.mtu >= 68 && lease.mtu <= 65535), "the MTU carries IP");
}

// Every line is NAME='…', in which a quote stands only as '\''.
void check_shell(const std::string &text) {
    for (const std::string &line : split_words(text, "\n")) {
        const std::size_t begin = line.find("='");
        require(begin != std::string::npos && line.size() >= begin + 3 && line.ends_with('\''),
                "a line is an assignment in quotes", line);
        std::string value = line.substr(begin + 2, line.size() - begin - 3);
        for (std::size_t at = 0; (at = value.find("'\\''", at)) != std::string::npos;)
            value.erase(at, 4);
        require(!value.contains('\''), "no quote ends the value", line);
    }
}

void check_ini(const std::string &text) {
    for (const std::string &line : split_words(text, "\n"))
        require(line.starts_with('#') || line.starts_with('[') || line.contains('='),
                "a line is a section or a setting", line);
}

void check_files(const InterfaceState &state) {
    check_shell(ipconfig_text(state));
    check_shell(ipconfig6_text(state));
    check_ini(networkd_text(state));
    check_ini(networkmanager_text(state));
    require(!networkd_file_name(state).contains('/'), "the file has a name",
            networkd_file_name(state));
    for (const std::string &line : split_words(resolv_conf_text({&state, 1}), "\n"))
        require(line.starts_with('#') || line.starts_with("search ") ||
                    line.starts_with("nameserver "),
                "resolv.conf has what it may", line);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<Lease> leases;
    InterfaceState state;
    for (std::string datagram : fuzz::parts_of(fuzz::text_of(data, size))) {
        std::ranges::replace(datagram, '\n', '\0');
        const auto message = parse_dhcp_message(datagram);
        if (!message)
            continue;
        require(is_interface_name(message->interface), "the interface has a name",
                message->interface);
        for (const std::string &complaint : message->complaints)
            require(printable(complaint, complaint.size()) == complaint, "complaints are printable",
                    complaint);
        check_lease(message->lease);
        state.name = message->interface;
        leases.push_back(message->lease);
    }
    // Once as if all came from leases, once as if it were fixed: then it is written out.
    state.mac = "52:54:00:12:34:56";
    check_files(with_leases(state, leases));
    state.uses_dhcp4 = state.uses_dhcp6 = state.uses_advertisements = true;
    check_files(with_leases(state, leases));
    return 0;
}
