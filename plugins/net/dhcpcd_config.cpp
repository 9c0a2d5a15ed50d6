// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/dhcpcd_config.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>

#include "base/text.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

// nodelay: no random wait of up to 2 s before the first message.
// noarp: no probing of the address, which takes 5 s; the server has given it to us.
// persistent: addresses and routes stay when dhcpcd ends.
// nolink: a cable that is pulled for a moment takes no address away, as the root may be behind it.
//   The wait for a cable is CarrierWatch's.
// reboot 0: no 5 s of asking for the lease of an earlier run.
// clientid: hardware type and address, as firmware and other initrds send it, so that the server
//   gives the same address.
// slaac hwaddr: the address that the kernel and systemd-networkd would make as well.
constexpr std::string_view kCommon = R"(# Written by slipway for dhcpcd, see dhcpcd.conf(5).
nodelay
noarp
noipv4ll
persistent
nolink
nodev
reboot 0
timeout 0
clientid
slaac hwaddr
require dhcp_server_identifier
option subnet_mask, broadcast_address, routers, classless_static_routes
option domain_name_servers, domain_name, domain_search, host_name
option interface_mtu, root_path, tftp_server_name, bootfile_name
option dhcp6_name_servers, dhcp6_domain_search, dhcp6_bootfile_url
)";

// What needs no quoting in dhcpcd.conf(5).
bool is_class_text(std::string_view text) noexcept {
    return is_plain_ascii(text) && text.size() <= 255 &&
           text.find_first_of("\"\\#") == std::string_view::npos;
}

std::string_view families(const DhcpRequest &request) {
    const bool uses_v6 = request.uses_advertisements || request.uses_dhcp6;
    if (!uses_v6)
        return "ipv4only\n";
    return request.uses_dhcp4 ? "" : "ipv6only\n";
}

// A request for an address (ia_na) makes DHCPv6 begin without waiting for an advertisement. Those
// are listened to all the same, as only they tell the router.
std::string_view ipv6_words(const DhcpRequest &request) {
    if (request.uses_dhcp6)
        return request.uses_advertisements ? "ia_na\n" : "ia_na\nipv6ra_noautoconf\n";
    return "";
}

} // namespace

Result<std::string> write_dhcpcd_config(const DhcpRequest &request, const DhcpcdPlaces &places) {
    if (!is_interface_name(request.interface))
        return failure(std::format("\"{}\" cannot be the name of an interface",
                                   printable(request.interface, 64)),
                       EINVAL);
    if (!request.uses_dhcp4 && !request.uses_advertisements && !request.uses_dhcp6)
        return failure(
            std::format("{}: no protocol to ask for an address with", printable(request.interface)),
            EINVAL);
    std::string text(kCommon);
    text += families(request);
    text += ipv6_words(request);
    if (!request.host_name.empty()) {
        if (!is_domain_name(request.host_name))
            return failure(std::format("\"{}\" cannot be sent as host name: letters, digits and "
                                       "dashes only",
                                       printable(request.host_name, 80)),
                           EINVAL);
        text += std::format("hostname {}\n", request.host_name);
    }
    if (!request.vendor_class.empty() && !is_class_text(request.vendor_class))
        return failure(std::format("\"{}\" cannot be sent as vendor class: ASCII without quotes, "
                                   "'#' and '\\' only",
                                   printable(request.vendor_class, 80)),
                       EINVAL);
    // Without a value none is sent.
    text += "vendorclassid";
    if (!request.vendor_class.empty())
        text += " \"" + request.vendor_class + "\"";
    text += std::format("\nenv slipway_socket={}\n", places.socket_of(request.interface));
    return text;
}

std::vector<std::string> dhcpcd_arguments(const DhcpRequest &request, const DhcpcdPlaces &places) {
    return {
        places.program,   "-B", "-q", "-f", places.config_of(request.interface), "-c", places.hook,
        request.interface};
}

std::chrono::milliseconds pause_before_try(unsigned tries, std::uint32_t random) {
    constexpr std::array kMiddle = {10000, 10000, 12000, 15000, 20000};
    const int middle = kMiddle[std::min<std::size_t>(tries, kMiddle.size() - 1)];
    // From 80 to 120 per cent.
    return std::chrono::milliseconds(
        middle / 5 * 4 + static_cast<int>(random % static_cast<unsigned>(middle / 5 * 2)));
}

} // namespace slipway::net
