// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/net_config.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/text.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

constexpr std::size_t kMostWords = 64; // of each kind
constexpr unsigned kMostVlan = 4094;
constexpr unsigned kMostSeconds = 3600;

// Whether a root, or what netroot= brings, comes from the network.
bool names_the_network(std::string_view value) {
    value = without_quotes(value);
    constexpr std::array kForms = {"nfs:", "nfs4:", "iscsi:"};
    if (std::ranges::any_of(kForms, [&](std::string_view form) { return value.starts_with(form); }))
        return true;
    if (value == "dhcp" || value == "dhcp6" || value == "/dev/nfs" || value == "iscsi")
        return true;
    // "<server>:<dir>"
    const std::size_t colon = value.starts_with('[') ? value.find("]:/") : value.find(":/");
    return !value.starts_with('/') && colon != std::string_view::npos && colon > 0 &&
           value.substr(0, colon).find('=') == std::string_view::npos && !value.contains("://");
}

// "vlan0005", "vlan5", "eth0.0005", "eth0.5" → 5: the digits at the end.
std::optional<std::uint16_t> vlan_id(std::string_view name) {
    const std::size_t last = name.find_last_not_of("0123456789");
    const auto id =
        parse_number(last == std::string_view::npos ? name : name.substr(last + 1), kMostVlan);
    if (!id || *id == 0)
        return std::nullopt;
    return static_cast<std::uint16_t>(*id);
}

class NetConfigReader {
public:
    NetConfig read(const OptionList &options);

private:
    void read_word(std::string_view key, std::string_view value);
    void read_list(std::string_view key, std::string_view value);
    void read_one(std::string_view key, std::string_view value);
    void read_ip(std::string_view value);
    void read_name(std::string_view value);
    void read_vlan(std::string_view value);
    void read_bond(std::string_view value);
    void read_bridge(std::string_view value);
    void read_route(std::string_view value);
    void read_boot_mac(std::string_view value);
    void need_for_root() { config_.is_needed = config_.carries_root = true; }
    void read_roots(std::string_view values);
    void read_bond_options(std::string_view text, Master &bond);
    void read_carrier_timeout(std::string_view value);
    void read_boot_interface(std::string_view value);
    void read_domain(std::string_view value);
    void read_asking(std::string_view key, std::string_view value);
    [[nodiscard]] bool is_on(std::string_view key, std::string_view value);
    [[nodiscard]] bool are_names(std::string_view key, const Master &master);
    void ignore(std::string_view key, std::string_view value, std::string_view accepted) {
        config_.warnings.push_back(
            std::format("{}={} on the kernel command line is ignored: accepted is {}", key,
                        printable(value, 120), accepted));
    }

    NetConfig config_;
    bool ignores_boot_mac_ = false;
    bool is_switched_off_ = false;
};

void NetConfigReader::read_ip(std::string_view value) {
    auto word = parse_ip_word(value);
    if (!word) {
        config_.warnings.push_back(word.error().message());
        return;
    }
    if (!word->notice.empty())
        config_.warnings.push_back(std::format("ip={}: {}", printable(value, 120), word->notice));
    is_switched_off_ = is_switched_off_ || (word->is_off && word->interface.empty());
    config_.words.push_back(*std::move(word));
}

void NetConfigReader::read_name(std::string_view value) {
    const std::size_t colon = value.find(':');
    const std::string_view name = value.substr(0, colon);
    const auto mac =
        colon == std::string_view::npos ? std::nullopt : canonical_mac(value.substr(colon + 1));
    // The kernel gives these names itself, at any time.
    const bool is_kernels = name.starts_with("eth") && name.size() > 3 &&
                            name.find_first_not_of("0123456789", 3) == std::string_view::npos;
    if (!mac || !is_interface_name(name) || is_kernels)
        return ignore("ifname", value, "<name>:<hardware address>, with a name other than eth<n>");
    config_.names.emplace_back(name, *mac);
}

void NetConfigReader::read_vlan(std::string_view value) {
    const auto parts = split_colons(value);
    const auto id = vlan_id(parts.front());
    if (parts.size() != 2 || !id || !is_interface_name(parts[0]) || !is_interface_name(parts[1]))
        return ignore("vlan", value,
                      "<name>:<interface>, with the number of the VLAN (1 to 4094) at the end of "
                      "the name: vlan0005, vlan5, eth0.0005, eth0.5");
    config_.vlans.push_back({parts[0], parts[1], *id});
}

bool NetConfigReader::are_names(std::string_view key, const Master &master) {
    const bool is_good = is_interface_name(master.name) && !master.ports.empty() &&
                         std::ranges::all_of(master.ports, [](const std::string &port) {
                             return is_interface_name(port);
                         });
    if (!is_good)
        ignore(key, master.name + ":" + join(master.ports, ","), "<name>:<interface>,<interface>…");
    return is_good;
}

void NetConfigReader::read_bond_options(std::string_view text, Master &bond) {
    for (const std::string &option : split_words(text, ",")) {
        const std::size_t equals = option.find('=');
        if (equals == std::string::npos || equals == 0)
            ignore("bond", option, "<option>=<value>");
        else
            bond.options.emplace_back(option.substr(0, equals), option.substr(equals + 1));
    }
    // Values inside one option are separated by ';', because ',' separates options.
    for (auto &[key, value] : bond.options)
        std::ranges::replace(value, ';', ',');
}

void NetConfigReader::read_bond(std::string_view value) {
    const auto parts = split_colons(value);
    const auto mtu = parts.size() < 4 || parts[3].empty() ? std::optional(0U) : parse_mtu(parts[3]);
    if (!mtu || parts.size() > 4)
        return ignore("bond", value,
                      "<name>[:<interface>,<interface>…[:<option>=<value>,…[:<mtu>]]]");
    const auto part = [&](std::size_t i) { return i < parts.size() ? parts[i] : std::string(); };
    Master bond{.kind = "bond",
                .name = part(0).empty() ? "bond0" : part(0),
                .ports = split_words(part(1).empty() ? "eth0,eth1" : part(1), ","),
                .options = {},
                .mtu = *mtu};
    read_bond_options(part(2).empty() ? "mode=balance-rr" : part(2), bond);
    if (are_names("bond", bond))
        config_.masters.push_back(std::move(bond));
}

void NetConfigReader::read_bridge(std::string_view value) {
    const auto parts = split_colons(value);
    if (parts.size() > 2)
        return ignore("bridge", value, "<name>:<interface>,<interface>…");
    Master bridge{.kind = "bridge",
                  .name = parts[0].empty() ? "br0" : parts[0],
                  .ports = split_words(parts.size() < 2 ? "eth0" : parts[1], ","),
                  .options = {},
                  .mtu = 0};
    if (are_names("bridge", bridge))
        config_.masters.push_back(std::move(bridge));
}

void NetConfigReader::read_route(std::string_view value) {
    const auto parts = split_colons(value);
    const auto part = [&](std::size_t i) { return i < parts.size() ? parts[i] : std::string(); };
    const std::size_t slash = part(0).find('/');
    const auto network = canonical_address(std::string_view(part(0)).substr(0, slash));
    const bool is_ipv6 = network && network->contains(':');
    const auto prefix = slash == std::string::npos
                            ? std::optional(is_ipv6 ? 128U : 32U)
                            : prefix_length(std::string_view(parts[0]).substr(slash + 1), is_ipv6);
    const auto gateway =
        part(1).empty() ? std::optional<std::string>("") : canonical_address(part(1));
    if (!network || !prefix || !gateway || parts.size() > 3 ||
        (!part(2).empty() && !is_interface_name(part(2))))
        return ignore("rd.route", value, "<network>/<prefix length>:[<gateway>][:<interface>]");
    config_.routes.push_back({{std::format("{}/{}", *network, *prefix), *gateway}, part(2)});
}

void NetConfigReader::read_boot_mac(std::string_view value) {
    if (const auto mac = canonical_mac(value))
        config_.boot_mac = *mac;
    else
        ignore("BOOTIF", value, "a hardware address, with or without 01- in front");
}

// The last one is the root. An earlier iscsi: one is a disk to be attached, as Debian's open-iscsi
// has it, whatever the last one names on it.
void NetConfigReader::read_roots(std::string_view values) {
    const auto roots = split_words(values, "\n");
    const auto is_iscsi = [](const std::string &root) {
        return without_quotes(root).starts_with("iscsi:");
    };
    if (!roots.empty() && (names_the_network(roots.back()) || std::ranges::any_of(roots, is_iscsi)))
        need_for_root();
}

void NetConfigReader::read_boot_interface(std::string_view value) {
    if (is_interface_name(value))
        config_.boot_interface = value;
    else
        ignore("bootdev", value, "the name of an interface");
}

void NetConfigReader::read_domain(std::string_view value) {
    if (is_domain_name(value))
        config_.domain = value;
    else
        ignore("domain", value, "the name of a domain");
}

void NetConfigReader::read_asking(std::string_view key, std::string_view value) {
    if (!is_on(key, value))
        return;
    config_.is_needed = true;
    if (key == "rd.neednet")
        return;
    config_.reads_firmware = true;
    need_for_root();
}

void NetConfigReader::read_carrier_timeout(std::string_view value) {
    if (const auto seconds = parse_number(value, kMostSeconds))
        config_.carrier_timeout = std::chrono::seconds(*seconds);
    else
        ignore("rd.net.timeout.carrier", value, "a number of seconds from 0 to 3600");
}

// A bare word, "1", "yes" … switch on; "0", "no" … do not. As in dracut, so does any other text.
bool NetConfigReader::is_on(std::string_view key, std::string_view value) {
    const auto parsed = value.empty() ? std::optional(true) : parse_boolean(value);
    if (!parsed)
        config_.warnings.push_back(
            std::format("{}={} on the kernel command line is taken as 1: accepted is 0 or 1", key,
                        printable(value, 120)));
    return parsed.value_or(true);
}

void NetConfigReader::read_list(std::string_view key, std::string_view values) {
    std::size_t count = 0;
    for (const std::string &value : split_words(values, "\n")) {
        if (++count > kMostWords)
            return ignore(key, value, "at most 64 times");
        read_one(key, without_quotes(value));
    }
    // A bare word: the defaults.
    if (count == 0 && (key == "bond" || key == "bridge"))
        read_one(key, "");
}

void NetConfigReader::read_one(std::string_view key, std::string_view value) {
    if (key == "ip")
        return read_ip(value);
    if (key == "ifname")
        return read_name(value);
    if (key == "vlan")
        return read_vlan(value);
    if (key == "bond")
        return read_bond(value);
    if (key == "bridge")
        return read_bridge(value);
    if (key == "rd.route")
        return read_route(value);
    if (key == "netroot") {
        if (names_the_network(value))
            need_for_root();
        return;
    }
    const bool is_bracketed = value.starts_with('[') && value.ends_with(']');
    if (const auto address = is_bracketed ? canonical_ipv6(value.substr(1, value.size() - 2))
                                          : canonical_address(value))
        config_.dns.push_back(*address);
    else
        ignore("nameserver", value, "an IPv4 or IPv6 address");
}

void NetConfigReader::read_word(std::string_view key, std::string_view value) {
    constexpr std::array kLists = {"ip",     "ifname",   "vlan",    "bond",
                                   "bridge", "rd.route", "netroot", "nameserver"};
    const bool asks = key == "rd.neednet" || key == "rd.iscsi.ibft" || key == "rd.iscsi.firmware" ||
                      key == "iscsi_auto";
    if (std::ranges::contains(kLists, key))
        return read_list(key, value);
    if (key == "root")
        return read_roots(value);
    value = without_quotes(value);
    if (asks)
        return read_asking(key, value);
    if (key == "bootdev")
        read_boot_interface(value);
    else if (key == "BOOTIF")
        read_boot_mac(value);
    else if (key == "rd.bootif")
        ignores_boot_mac_ = !is_on(key, value);
    else if (key == "rd.peerdns")
        config_.uses_leased_dns = is_on(key, value);
    else if (key == "domain")
        read_domain(value);
    else if (key == "rd.net.timeout.carrier")
        read_carrier_timeout(value);
    else if (key == "nfsroot" || key == "iscsi_target_ip" || key == "rd.iscsi.target.ip" ||
             (key == "boot" && value == "nfs"))
        need_for_root();
}

NetConfig NetConfigReader::read(const OptionList &options) {
    for (const auto &[key, value] : options)
        read_word(key, value);
    if (ignores_boot_mac_)
        config_.boot_mac.clear();
    if (is_switched_off_)
        config_.is_needed = config_.carries_root = false;
    std::erase_if(config_.words, [](const IpWord &word) {
        return word.is_off && word.interface.empty() && word.address.empty();
    });
    return std::move(config_);
}

} // namespace

NetConfig read_net_config(const OptionList &options) {
    return NetConfigReader().read(options);
}

} // namespace slipway::net
