// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/lease.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

// More than any sane server gives; what is above is left out with a complaint.
constexpr std::size_t kMaxListEntries = 32;
constexpr std::size_t kMaxVariables = 1024;
constexpr std::size_t kMaxRootPathBytes = 1024;
constexpr std::size_t kMaxFileBytes = 1024;
// RFC 791 and RFC 8200: less cannot carry IP.
constexpr unsigned kLeastMtu4 = 68;
constexpr unsigned kLeastMtu6 = 1280;
constexpr unsigned kLargestMtu = 65535;
constexpr unsigned kForever = 0xFFFFFFFF;

using Variables = std::map<std::string_view, std::string_view, std::less<>>;

bool is_variable_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 80 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

Result<Variables> split_variables(std::string_view datagram) {
    if (datagram.size() > kMaxDatagramBytes || datagram.empty() || datagram.back() != '\0')
        return failure("message of the DHCP hook: too long, or cut off", EBADMSG);
    Variables variables;
    while (!datagram.empty()) {
        const std::string_view line = datagram.substr(0, datagram.find('\0'));
        datagram.remove_prefix(line.size() + 1);
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || !is_variable_name(line.substr(0, equals)))
            return failure(
                std::format("message of the DHCP hook: \"{}\" is no variable", printable(line, 80)),
                EBADMSG);
        if (variables.size() == kMaxVariables)
            return failure("message of the DHCP hook: too many variables", EBADMSG);
        variables.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return variables;
}

struct Meaning {
    std::string_view reason;
    DhcpNews news;
    LeaseSource source;
};

// dhcpcd-run-hooks(8). INFORM6 has no address, but name servers for those of an advertisement.
constexpr std::array kMeanings = {
    Meaning{"BOUND", DhcpNews::lease, LeaseSource::dhcp4},
    Meaning{"RENEW", DhcpNews::lease, LeaseSource::dhcp4},
    Meaning{"REBIND", DhcpNews::lease, LeaseSource::dhcp4},
    Meaning{"REBOOT", DhcpNews::lease, LeaseSource::dhcp4},
    Meaning{"INFORM", DhcpNews::lease, LeaseSource::dhcp4},
    Meaning{"EXPIRE", DhcpNews::lost, LeaseSource::dhcp4},
    Meaning{"NAK", DhcpNews::lost, LeaseSource::dhcp4},
    Meaning{"FAIL", DhcpNews::lost, LeaseSource::dhcp4},
    Meaning{"BOUND6", DhcpNews::lease, LeaseSource::dhcp6},
    Meaning{"RENEW6", DhcpNews::lease, LeaseSource::dhcp6},
    Meaning{"REBIND6", DhcpNews::lease, LeaseSource::dhcp6},
    Meaning{"REBOOT6", DhcpNews::lease, LeaseSource::dhcp6},
    Meaning{"INFORM6", DhcpNews::lease, LeaseSource::dhcp6},
    Meaning{"EXPIRE6", DhcpNews::lost, LeaseSource::dhcp6},
    Meaning{"ROUTERADVERT", DhcpNews::lease, LeaseSource::router_advertisement},
};

class LeaseReader {
public:
    LeaseReader(const Variables &variables, LeaseSource source,
                std::vector<std::string> &complaints)
        : variables_(variables), complaints_(complaints) {
        lease_.source = source;
    }
    Lease read();

private:
    [[nodiscard]] std::string_view value(std::string_view name) const {
        const auto found = variables_.find(name);
        return found == variables_.end() ? std::string_view() : found->second;
    }
    void complain(std::string_view name, std::string_view value, std::string_view reason);

    void read_dhcp4();
    void read_dhcp6();
    void read_advertisements();
    void read_advertisement(const std::string &prefix);
    void read_address4();
    void read_classless_routes(std::string_view name);
    void read_next_server();
    void read_mtu(std::string_view name, unsigned least);
    void read_lifetime(std::string_view name);
    void read_addresses(std::string_view name, std::vector<std::string> &into);
    void read_domains(std::string_view name, std::vector<std::string> &into);
    [[nodiscard]] std::string read_domain(std::string_view name);
    [[nodiscard]] std::string read_ipv4(std::string_view name);
    [[nodiscard]] std::string read_raw(std::string_view name, std::size_t limit);
    [[nodiscard]] std::string read_root_path(std::string_view name);
    [[nodiscard]] std::string read_hexadecimal(std::string_view name, std::size_t limit);
    [[nodiscard]] std::optional<std::string> canonical(std::string_view text) const {
        return lease_.is_ipv6() ? canonical_ipv6(text) : canonical_ipv4(text);
    }

    const Variables &variables_;
    std::vector<std::string> &complaints_;
    Lease lease_;
};

// Empty: none.
std::string reason_against(std::string_view text, std::size_t limit) {
    if (text.size() > limit)
        return std::format("longer than {} bytes; change it on the server", limit);
    if (!text.empty() && !is_plain_ascii(text))
        return "control characters or such that are not ASCII; change it on the server";
    return {};
}

void LeaseReader::complain(std::string_view name, std::string_view value, std::string_view reason) {
    if (complaints_.size() < kMaxListEntries)
        complaints_.push_back(
            std::format("{} \"{}\" refused: {}", name, printable(value, 120), reason));
}

// A root-path becomes a fact, stands in the record of the boot and in files for the host. Passwords
// have no place there, and whoever is on the network has read them already.
std::string LeaseReader::read_root_path(std::string_view name) {
    constexpr std::string_view kIscsi = "iscsi:";
    const std::string_view text = value(name);
    const std::size_t at = text.starts_with(kIscsi) ? text.rfind('@') : std::string_view::npos;
    if (at == std::string_view::npos) {
        lease_.root_path_refusal = reason_against(text, kMaxRootPathBytes);
        return read_raw(name, kMaxRootPathBytes);
    }
    lease_.root_path_refusal =
        "it holds a user and a password, which are not taken from a lease; give "
        "rd.iscsi.username= and rd.iscsi.password= on the kernel command line, and take them "
        "out on the server";
    complain(name, "iscsi:***", lease_.root_path_refusal);
    return {};
}

std::string LeaseReader::read_raw(std::string_view name, std::size_t limit) {
    const std::string_view text = value(name);
    const std::string reason = reason_against(text, limit);
    if (reason.empty())
        return std::string(text);
    complain(name, text, reason);
    return {};
}

std::string LeaseReader::read_hexadecimal(std::string_view name, std::size_t limit) {
    const std::string_view text = value(name);
    const bool is_good = text.size() <= limit && text.size() % 2 == 0 &&
                         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!is_good)
        complain(name, text, "no hexadecimal digits");
    return is_good ? std::string(text) : std::string();
}

std::string LeaseReader::read_ipv4(std::string_view name) {
    const std::string_view text = value(name);
    if (text.empty() || text == "0.0.0.0")
        return {};
    auto address = canonical_ipv4(text);
    if (!address)
        complain(name, text, "no IPv4 address");
    return address.value_or("");
}

void LeaseReader::read_addresses(std::string_view name, std::vector<std::string> &into) {
    for (const std::string &word : split_words(value(name))) {
        auto address = canonical(word);
        if (!address || *address == "0.0.0.0" || *address == "::")
            complain(name, word, "no address of a host");
        else if (into.size() == kMaxListEntries)
            return complain(name, word, "too many");
        else if (!std::ranges::contains(into, *address))
            into.push_back(std::move(*address));
    }
}

void LeaseReader::read_domains(std::string_view name, std::vector<std::string> &into) {
    for (std::string &word : split_words(value(name))) {
        if (!is_domain_name(word))
            complain(name, word, "no domain name");
        else if (into.size() == kMaxListEntries)
            return complain(name, word, "too many");
        else if (!std::ranges::contains(into, word))
            into.push_back(std::move(word));
    }
}

// Some servers put several domains into the option for one: the first counts.
std::string LeaseReader::read_domain(std::string_view name) {
    std::vector<std::string> domains;
    read_domains(name, domains);
    return domains.empty() ? std::string() : std::move(domains.front());
}

void LeaseReader::read_mtu(std::string_view name, unsigned least) {
    const std::string_view text = value(name);
    if (text.empty())
        return;
    const auto mtu = parse_number(text, kLargestMtu);
    if (!mtu || *mtu < least)
        complain(name, text, std::format("not between {} and {}", least, kLargestMtu));
    else
        lease_.mtu = *mtu;
}

void LeaseReader::read_lifetime(std::string_view name) {
    const std::string_view text = value(name);
    const auto seconds = parse_number(text, kForever);
    if (!text.empty() && !seconds)
        complain(name, text, "no number of seconds");
    if (seconds && *seconds != kForever)
        lease_.lifetime = std::chrono::seconds(*seconds);
}

void LeaseReader::read_address4() {
    const std::string address = read_ipv4("new_ip_address");
    const auto prefix = parse_number(value("new_subnet_cidr"), 32);
    if (!address.empty() && prefix)
        lease_.addresses.push_back(std::format("{}/{}", address, *prefix));
    else if (!address.empty())
        complain("new_subnet_cidr", value("new_subnet_cidr"), "no prefix length");
    lease_.broadcast = read_ipv4("new_broadcast_address");
}

// RFC 3442: pairs of destination and router, 0.0.0.0 for "on the link"; with them, option 3
// counts no more.
void LeaseReader::read_classless_routes(std::string_view name) {
    const auto words = split_words(value(name));
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::size_t slash = std::min(words[i].find('/'), words[i].size());
        const auto network = canonical_ipv4(std::string_view(words[i]).substr(0, slash));
        const auto prefix = parse_number(
            std::string_view(words[i]).substr(std::min(slash + 1, words[i].size())), 32);
        auto router = canonical_ipv4(words[i + 1]);
        if (!network || !prefix || !router)
            complain(name, words[i] + " " + words[i + 1], "no route");
        else if (lease_.routes.size() == kMaxListEntries)
            return complain(name, words[i], "too many");
        else if (*prefix != 0)
            lease_.routes.push_back({std::format("{}/{}", *network, *prefix),
                                     *router == "0.0.0.0" ? std::string() : *router});
        else if (*router != "0.0.0.0" && !std::ranges::contains(lease_.routers, *router))
            lease_.routers.push_back(std::move(*router));
    }
}

// Option 66 names a TFTP server. Who writes an address there means the one who has the root.
void LeaseReader::read_next_server() {
    lease_.next_server = read_ipv4("next_server");
    if (lease_.next_server.empty())
        lease_.next_server = canonical_ipv4(value("new_tftp_server_name")).value_or("");
    if (lease_.next_server == "0.0.0.0")
        lease_.next_server.clear();
}

void LeaseReader::read_dhcp4() {
    read_address4();
    read_classless_routes("new_classless_static_routes");
    if (value("new_classless_static_routes").empty())
        read_classless_routes("new_ms_classless_static_routes");
    if (lease_.routers.empty() && lease_.routes.empty())
        read_addresses("new_routers", lease_.routers);
    read_addresses("new_domain_name_servers", lease_.dns);
    lease_.domain = read_domain("new_domain_name");
    read_domains("new_domain_search", lease_.search);
    lease_.host_name = read_domain("new_host_name");
    lease_.root_path = read_root_path("new_root_path");
    read_next_server();
    lease_.server = read_ipv4("new_dhcp_server_identifier");
    lease_.boot_file = read_raw("new_bootfile_name", kMaxFileBytes);
    if (lease_.boot_file.empty())
        lease_.boot_file = read_raw("new_filename", kMaxFileBytes);
    read_mtu("new_interface_mtu", kLeastMtu4);
    read_lifetime("new_dhcp_lease_time");
}

// Addresses are numbered from 1 in the association, and associations in the message.
void LeaseReader::read_dhcp6() {
    for (unsigned association = 1; association <= 4; ++association) {
        const std::string prefix = std::format("new_dhcp6_ia_na{}_", association);
        for (unsigned i = 1; i <= 8; ++i) {
            const std::string name = std::format("{}ia_addr{}", prefix, i);
            // The prefix is the router's business, as in the advertisement.
            std::vector<std::string> found;
            read_addresses(name, found);
            for (const std::string &address : found)
                lease_.addresses.push_back(address + "/128");
            if (!found.empty() && !lease_.lifetime)
                read_lifetime(name + "_vltime");
        }
        if (lease_.iaid.empty())
            lease_.iaid = read_hexadecimal(prefix + "iaid", 8);
    }
    read_addresses("new_dhcp6_name_servers", lease_.dns);
    read_domains("new_dhcp6_domain_search", lease_.search);
    lease_.host_name = read_domain("new_dhcp6_fqdn_fqdn");
    lease_.root_path = read_root_path("new_dhcp6_bootfile_url");
    lease_.client_duid = read_hexadecimal("new_dhcp6_client_id", 260);
    lease_.boot_file = lease_.root_path;
}

void LeaseReader::read_advertisement(const std::string &prefix) {
    const auto router = canonical_ipv6(value(prefix + "from"));
    if (!router)
        return complain(prefix + "from", value(prefix + "from"), "no IPv6 address");
    if (lease_.server.empty())
        lease_.server = *router;
    if (parse_number(value(prefix + "lifetime"), kLargestMtu).value_or(0) > 0)
        lease_.routers.push_back(*router);
    for (unsigned i = 1; i <= 8; ++i) {
        const std::string name = std::format("{}addr{}", prefix, i);
        const std::string_view text = value(name);
        const std::size_t slash = std::min(text.find('/'), text.size());
        const auto address = canonical_ipv6(text.substr(0, slash));
        const auto length = parse_number(text.substr(std::min(slash + 1, text.size())), 128);
        if (address && length)
            lease_.addresses.push_back(std::format("{}/{}", *address, *length));
        else if (!text.empty())
            complain(name, text, "no address with prefix length");
        read_addresses(std::format("{}rdnss{}_servers", prefix, i), lease_.dns);
        read_domains(std::format("{}dnssl{}_search", prefix, i), lease_.search);
    }
    if (lease_.mtu == 0)
        read_mtu(prefix + "mtu", kLeastMtu6);
}

void LeaseReader::read_advertisements() {
    for (unsigned i = 1; i <= 8; ++i) {
        const std::string prefix = std::format("nd{}_", i);
        if (variables_.contains(prefix + "from"))
            read_advertisement(prefix);
    }
}

Lease LeaseReader::read() {
    switch (lease_.source) {
    case LeaseSource::dhcp4:
        read_dhcp4();
        break;
    case LeaseSource::dhcp6:
        read_dhcp6();
        break;
    case LeaseSource::router_advertisement:
        read_advertisements();
        break;
    }
    // The hook leaves out what does not fit.
    if (const std::string_view name = value("left_out"); !name.empty())
        complain("option", name, "too long");
    return std::move(lease_);
}

} // namespace

bool is_same_lease(const Lease &left, const Lease &right) {
    const auto routes_of = [](const Lease &lease) {
        std::vector<std::pair<std::string, std::string>> routes;
        for (const StaticRoute &route : lease.routes)
            routes.emplace_back(route.destination, route.gateway);
        return routes;
    };
    const auto values_of = [](const Lease &lease) {
        return std::tie(lease.source, lease.addresses, lease.routers, lease.dns, lease.domain,
                        lease.search, lease.host_name, lease.root_path, lease.root_path_refusal,
                        lease.next_server, lease.server, lease.boot_file, lease.broadcast,
                        lease.client_duid, lease.iaid, lease.mtu, lease.lifetime);
    };
    return values_of(left) == values_of(right) && routes_of(left) == routes_of(right);
}

Result<DhcpMessage> parse_dhcp_message(std::string_view datagram) {
    const auto variables = split_variables(datagram);
    if (!variables)
        return std::unexpected(variables.error());
    const auto interface = variables->find("interface");
    const auto reason = variables->find("reason");
    if (interface == variables->end() || reason == variables->end() ||
        !is_interface_name(interface->second) || !is_variable_name(reason->second))
        return failure("message of the DHCP hook: no interface or no reason", EBADMSG);
    DhcpMessage message;
    message.interface = interface->second;
    message.reason = reason->second;
    const auto meaning = std::ranges::find(kMeanings, reason->second, &Meaning::reason);
    if (meaning == kMeanings.end())
        return message;
    message.news = meaning->news;
    message.lease.source = meaning->source;
    if (meaning->news == DhcpNews::lease)
        message.lease = LeaseReader(*variables, meaning->source, message.complaints).read();
    return message;
}

} // namespace slipway::net
