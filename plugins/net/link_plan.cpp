// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/link_plan.h"

#include <algorithm>
#include <format>
#include <iterator>

namespace slipway::net {

namespace {

void append(std::vector<std::string> &to, const std::vector<std::string> &from) {
    to.insert(to.end(), from.begin(), from.end());
}

class LinkPlanner {
public:
    LinkPlanner(const NetConfig &config, const LinkIdentity &link, const FirmwareNetwork &firmware)
        : config_(config), link_(link), firmware_(firmware) {
        implied_.methods.dhcp4 = true;
    }

    [[nodiscard]] LinkPlan plan(const std::string &host_name);

private:
    [[nodiscard]] bool is_hardware() const { return link_.kind.empty(); }
    [[nodiscard]] std::string wanted_name(const std::string &host_name) const;
    [[nodiscard]] std::optional<Master> wanted_master() const;
    [[nodiscard]] std::vector<const IpWord *> words();
    [[nodiscard]] bool is_candidate();
    [[nodiscard]] bool was_made_here() const;
    [[nodiscard]] IpPlan ip_of(const std::vector<const IpWord *> &words) const;
    void add_word(IpPlan &plan, const IpWord &word) const;
    void add_routes(IpPlan &plan) const;
    void add_firmware(IpPlan &plan) const;

    const NetConfig &config_;
    const LinkIdentity &link_;
    const FirmwareNetwork &firmware_;
    std::string reason_;
    IpWord implied_; // what a network that is needed means without a word for it
};

// ifname= wins over the host's name.
std::string LinkPlanner::wanted_name(const std::string &host_name) const {
    if (!is_hardware())
        return "";
    const auto found =
        std::ranges::find(config_.names, link_.mac, &std::pair<std::string, std::string>::second);
    const std::string &name = found != config_.names.end() ? found->first : host_name;
    return name == link_.name ? "" : name;
}

std::optional<Master> LinkPlanner::wanted_master() const {
    for (const Master &master : config_.masters) {
        if (std::ranges::contains(master.ports, link_.name) && master.name != link_.name)
            return master;
    }
    return std::nullopt;
}

bool LinkPlanner::was_made_here() const {
    return std::ranges::contains(config_.masters, link_.name, &Master::name) ||
           std::ranges::contains(config_.vlans, link_.name, &Vlan::name);
}

// Does a word that names no interface mean this one? What bootdev= or BOOTIF= names is meant
// before all others; then all hardware, or what was made of it.
bool LinkPlanner::is_candidate() {
    if (!config_.boot_interface.empty()) {
        reason_ = "bootdev= names " + config_.boot_interface;
        return config_.boot_interface == link_.name;
    }
    if (!config_.boot_mac.empty() && is_hardware()) {
        reason_ = "BOOTIF= names another";
        return config_.boot_mac == link_.mac;
    }
    if (is_hardware() ? !link_.is_ethernet || link_.is_wireless : !was_made_here()) {
        reason_ = "it is no network card";
        return false;
    }
    const bool carries_vlans = std::ranges::contains(config_.vlans, link_.name, &Vlan::parent);
    reason_ = "it carries VLANs";
    return !carries_vlans;
}

// The words that mean this interface.
std::vector<const IpWord *> LinkPlanner::words() {
    std::vector<const IpWord *> found;
    bool is_off = false;
    for (const IpWord &word : config_.words) {
        if (word.interface != link_.name)
            continue;
        is_off = is_off || (word.is_off && word.address.empty());
        if (!is_off)
            found.push_back(&word);
    }
    if (!found.empty() || is_off) {
        reason_ = "ip= switches it off";
        return found;
    }
    if (!is_candidate())
        return {};
    bool is_any_for_all = false;
    for (const IpWord &word : config_.words) {
        if (!word.interface.empty())
            continue;
        is_any_for_all = true;
        // An address is one machine's: the first card gets it, as the kernel does it.
        const bool is_named = !config_.boot_interface.empty() || !config_.boot_mac.empty();
        if (word.address.empty() || link_.is_first || is_named)
            found.push_back(&word);
    }
    // Without any word for it a network that is needed means DHCP; and so does the card that the
    // machine was booted from, whatever is said of others.
    const bool is_boot_card = is_hardware() && config_.boot_mac == link_.mac && !link_.mac.empty();
    if (!is_any_for_all && config_.is_needed && (config_.words.empty() || is_boot_card))
        found.push_back(&implied_);
    if (found.empty())
        reason_ = config_.is_needed ? "ip= names others" : "nothing asks for the network";
    return found;
}

void LinkPlanner::add_firmware(IpPlan &plan) const {
    const auto found = std::ranges::find(firmware_.interfaces, link_.mac, &FirmwareInterface::mac);
    if (found == firmware_.interfaces.end())
        return;
    if (found->is_dhcp) {
        plan.methods.dhcp4 = true;
        return;
    }
    plan.addresses.push_back({std::format("{}/{}", found->address, found->prefix), ""});
    if (!found->gateway.empty())
        plan.routes.push_back({"", found->gateway});
    append(plan.dns, found->dns);
}

void LinkPlanner::add_word(IpPlan &plan, const IpWord &word) const {
    plan.methods.dhcp4 = plan.methods.dhcp4 || word.methods.dhcp4;
    plan.methods.dhcp6 = plan.methods.dhcp6 || word.methods.dhcp6;
    plan.methods.advertisements = plan.methods.advertisements || word.methods.advertisements;
    plan.methods.link_local = plan.methods.link_local || word.methods.link_local;
    if (word.methods.firmware)
        add_firmware(plan);
    if (!word.address.empty())
        plan.addresses.push_back({word.address, word.peer});
    if (!word.gateway.empty())
        plan.routes.push_back({"", word.gateway});
    append(plan.dns, word.dns);
    if (!word.host_name.empty())
        plan.host_name = word.host_name;
    plan.mtu = word.mtu != 0 ? word.mtu : plan.mtu;
    if (!word.mac.empty())
        plan.mac = word.mac;
}

void LinkPlanner::add_routes(IpPlan &plan) const {
    for (const WantedRoute &wanted : config_.routes) {
        // Without a name the kernel finds the link by the gateway; on others it refuses it.
        if (wanted.interface == link_.name || wanted.interface.empty())
            plan.routes.push_back(wanted.route);
    }
}

IpPlan LinkPlanner::ip_of(const std::vector<const IpWord *> &words) const {
    IpPlan plan;
    for (const IpWord *word : words)
        add_word(plan, *word);
    add_routes(plan);
    append(plan.dns, config_.dns);
    const auto master = std::ranges::find(config_.masters, link_.name, &Master::name);
    if (plan.mtu == 0 && master != config_.masters.end())
        plan.mtu = master->mtu;
    return plan;
}

LinkPlan LinkPlanner::plan(const std::string &host_name) {
    LinkPlan plan;
    if (link_.name == "lo") {
        plan.reason = "it is the loopback";
        return plan;
    }
    plan.new_name = wanted_name(host_name);
    if (!plan.new_name.empty())
        return plan;
    std::ranges::copy_if(config_.vlans, std::back_inserter(plan.vlans),
                         [&](const Vlan &vlan) { return vlan.parent == link_.name; });
    plan.master = wanted_master();
    if (plan.master)
        return plan;
    if (config_.reads_firmware && config_.words.empty()) {
        IpPlan ip;
        add_firmware(ip);
        add_routes(ip);
        if (ip.methods.any() || !ip.addresses.empty()) {
            plan.ip = std::move(ip);
            return plan;
        }
    }
    if (const auto meant = words(); !meant.empty())
        plan.ip = ip_of(meant);
    else
        plan.reason = reason_;
    return plan;
}

// All names of hardware that the command line has.
std::vector<std::string> names_in(const NetConfig &config) {
    std::vector<std::string> names = {config.boot_interface};
    for (const IpWord &word : config.words)
        names.push_back(word.interface);
    for (const Vlan &vlan : config.vlans)
        names.push_back(vlan.parent);
    for (const Master &master : config.masters)
        append(names, master.ports);
    for (const WantedRoute &route : config.routes)
        names.push_back(route.interface);
    std::erase_if(names, [&](const std::string &name) {
        return name.empty() || std::ranges::contains(config.masters, name, &Master::name) ||
               std::ranges::contains(config.vlans, name, &Vlan::name);
    });
    return names;
}

} // namespace

LinkPlan plan_link(const NetConfig &config, const LinkIdentity &link,
                   const FirmwareNetwork &firmware, const std::string &host_name) {
    return LinkPlanner(config, link, firmware).plan(host_name);
}

bool may_have_host_name(const NetConfig &config, const LinkIdentity &link) {
    if (!link.kind.empty() || !link.is_ethernet ||
        std::ranges::contains(config.names, link.mac, &std::pair<std::string, std::string>::second))
        return false;
    return std::ranges::any_of(names_in(config), [&](const std::string &name) {
        return name != link.name &&
               !std::ranges::contains(config.names, name,
                                      &std::pair<std::string, std::string>::first);
    });
}

} // namespace slipway::net
