// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/operations.h"

#include <slipway/toml.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <linux/if_arp.h>

#include "base/text.h"
#include "net/carry_over.h"
#include "net/link_facts.h"
#include "net/link_plan.h"
#include "net/name_on_host.h"
#include "system/option_list.h"

namespace slipway::net {

using sdk::Context;
using sdk::LogLevel;
using sdk::Outcome;
using sdk::Request;

namespace {

// The table shows when its module is there; without a table the module refuses to load.
FirmwareNetwork firmware_of(Context &context, const NetConfig &config) {
    const bool is_asked_for =
        config.reads_firmware ||
        std::ranges::any_of(config.words, [](const IpWord &word) { return word.methods.firmware; });
    if (!is_asked_for)
        return {};
    (void)context.load_modules({"iscsi_ibft"});
    return read_firmware_network();
}

LinkIdentity identity_of(const Link &link, LinkBackend &backend) {
    return {.name = link.name,
            .mac = link.mac,
            .kind = link.kind,
            .is_ethernet = link.type == ARPHRD_ETHER,
            .is_first = backend.is_first(link)};
}

// What the command line says, before any lease.
InterfaceState base_state(const NetConfig &config, const Link &link, const IpPlan &plan) {
    InterfaceState state;
    state.name = link.name;
    state.index = link.index;
    state.mac = plan.mac.empty() ? link.mac : plan.mac;
    state.is_virtual = !link.kind.empty();
    state.carries_root = config.carries_root;
    state.uses_dhcp4 = plan.methods.dhcp4;
    state.uses_dhcp6 = plan.methods.dhcp6;
    state.uses_advertisements = plan.methods.advertisements;
    state.uses_leased_dns = config.uses_leased_dns;
    for (const StaticAddress &address : plan.addresses)
        state.addresses.push_back(address.address);
    for (const StaticRoute &route : plan.routes) {
        if (route.destination.empty())
            state.gateways.push_back(route.gateway);
        else
            state.routes.push_back(route);
    }
    state.dns = plan.dns;
    state.domain = config.domain;
    state.host_name = plan.host_name;
    state.mtu = plan.mtu;
    return state;
}

// Writes what the host reads; the boot does not depend on it.
void tell_the_host(Context &context, const InterfaceState &state, const std::string &run) {
    if (auto written = write_carry_over(state, run); !written)
        context.log(LogLevel::warning, written.error().message());
    if (dns_of(state).empty() && search_of(state).empty())
        return;
    if (auto written = write_resolv_conf(std::span(&state, 1), run); !written)
        context.log(LogLevel::warning, written.error().message());
}

void publish(Context &context, std::string_view syspath,
             const std::map<std::string, std::string> &facts) {
    for (const auto &[key, value] : facts)
        context.publish(syspath, key, value);
}

// bootdev= and BOOTIF= say over which interface the root comes.
bool may_bring_root(const NetConfig &config, const Link &link) {
    if (!config.boot_interface.empty())
        return config.boot_interface == link.name;
    return config.boot_mac.empty() || config.boot_mac == link.mac;
}

std::string no_answer_text(const std::string &interface) {
    return "no answer yet on " + interface;
}

std::string no_link_text(const std::string &interface) {
    return interface + " has no link: is the cable plugged in?";
}

bool needs_client(const IpMethods &methods) {
    return methods.dhcp4 || methods.dhcp6 || methods.advertisements;
}

// One run of configure_link.
class LinkSetup {
public:
    LinkSetup(Context &context, const Request &request, LinkBackend &backend, Link link,
              const std::string &run)
        : context_(context), request_(request), backend_(backend), link_(std::move(link)),
          run_(run) {}

    [[nodiscard]] Outcome run(const NetConfig &config, const LinkPlan &plan);

private:
    [[nodiscard]] Outcome rename(const std::string &name);
    [[nodiscard]] Result<> make_vlans(const std::vector<Vlan> &vlans);
    [[nodiscard]] Result<> join_master(const Master &master);
    [[nodiscard]] Result<> prepare(const IpPlan &plan);
    [[nodiscard]] Result<> add_addresses(const IpPlan &plan);
    [[nodiscard]] Outcome configure(const NetConfig &config, const IpPlan &plan);
    [[nodiscard]] Outcome finish_static(const NetConfig &config, const IpPlan &plan);
    void start_client();
    void load(const std::string &module);
    [[nodiscard]] std::string syspath() const {
        return std::string(request_.devices().front().syspath());
    }

    Context &context_;
    const Request &request_;
    LinkBackend &backend_;
    Link link_;
    const std::string &run_;
};

// What is missing shows when it is used.
void LinkSetup::load(const std::string &module) {
    if (const int error = context_.load_modules({module}); error != 0)
        context_.log(LogLevel::debug, "the module " + module + " could not be loaded");
}

Outcome LinkSetup::rename(const std::string &name) {
    if (auto renamed = backend_.rename(link_, name); !renamed)
        return context_.fail(renamed.error().message());
    return context_.done("it is " + name + " now, and comes again under that name");
}

Result<> LinkSetup::make_vlans(const std::vector<Vlan> &vlans) {
    if (vlans.empty())
        return {};
    load("8021q");
    if (auto up = backend_.set_up(link_); !up)
        return up;
    for (const Vlan &vlan : vlans) {
        if (auto made = backend_.make_vlan(link_, vlan.name, vlan.id); !made)
            return made;
    }
    return {};
}

// The master's own job brings it up and gives it addresses.
Result<> LinkSetup::join_master(const Master &master) {
    load(master.kind == "bond" ? "bonding" : "bridge");
    auto made = master.kind == "bond" ? backend_.make_bond(master.name, master.options)
                                      : backend_.make_bridge(master.name);
    if (!made) {
        if (master.kind != "bond" || made.error().code() != EINVAL)
            return made;
        context_.log(LogLevel::warning, made.error().message()); // one option of several
    }
    const auto found = backend_.find(master.name);
    if (!found)
        return std::unexpected(found.error());
    if (!*found)
        return failure(master.name + " is not there, although it was made", ENODEV);
    if (auto added = backend_.add_port(link_, **found); !added)
        return added;
    return backend_.set_up(link_);
}

Result<> LinkSetup::prepare(const IpPlan &plan) {
    if (!plan.mac.empty() && plan.mac != link_.mac) {
        if (auto down = backend_.set_down(link_); !down)
            return down;
        if (auto set = backend_.set_mac(link_, plan.mac); !set)
            return set;
    }
    if (plan.mtu != 0) {
        if (auto set = backend_.set_mtu(link_, plan.mtu); !set)
            return set;
    }
    return backend_.set_up(link_);
}

Result<> LinkSetup::add_addresses(const IpPlan &plan) {
    for (const StaticAddress &address : plan.addresses) {
        if (auto added = backend_.add_address(link_, address); !added)
            return added;
    }
    for (const StaticRoute &route : plan.routes) {
        auto added = backend_.add_route(link_, route);
        // A route that does not belong to this link, or comes back with the lease.
        if (!added)
            context_.log(LogLevel::warning, added.error().message());
    }
    return {};
}

void LinkSetup::start_client() {
    const std::string key(request_.key());
    context_.units(std::format("[[unit]]\nname = {}\nwanted = \"always\"\n"
                               "params = {{ interface = {}, syspath = {} }}\n",
                               sdk::toml_string("dhcp@" + key), sdk::toml_string(link_.name),
                               sdk::toml_string(syspath())));
}

Outcome LinkSetup::finish_static(const NetConfig &config, const IpPlan &plan) {
    auto carrier = backend_.wait_for_carrier(link_, std::chrono::milliseconds{0});
    if (carrier && !*carrier) {
        context_.progress(no_link_text(link_.name));
        carrier = backend_.wait_for_carrier(link_, config.carrier_timeout);
    }
    if (!carrier)
        return context_.fail(carrier.error().message());
    if (!*carrier)
        return context_.retry(no_link_text(link_.name));
    InterfaceState state = base_state(config, link_, plan);
    tell_the_host(context_, state, run_);
    // With a link-local address only: others find out by themselves what they can reach.
    if (state.addresses.empty())
        state.addresses.emplace_back("fe80::/64");
    publish(context_, syspath(), link_facts(state, {}));
    return context_.done(join(state.addresses, ", "));
}

Outcome LinkSetup::configure(const NetConfig &config, const IpPlan &plan) {
    auto ready = prepare(plan);
    if (ready)
        ready = add_addresses(plan);
    if (!ready)
        return context_.fail(ready.error().message());
    if (!needs_client(plan.methods))
        return finish_static(config, plan);
    start_client();
    return context_.done("it asks the network for addresses");
}

Outcome LinkSetup::run(const NetConfig &config, const LinkPlan &plan) {
    if (!plan.new_name.empty())
        return rename(plan.new_name);
    auto made = make_vlans(plan.vlans);
    if (made && plan.master)
        made = join_master(*plan.master);
    if (!made)
        return context_.fail(made.error().message());
    if (plan.ip)
        return configure(config, *plan.ip);
    if (plan.is_nothing())
        return context_.done(plan.reason);
    return context_.done(plan.master ? "it is a port of " + plan.master->name : "it carries VLANs");
}

// One run of run_dhcp.
class DhcpService {
public:
    DhcpService(Context &context, std::string syspath, LinkBackend &backend, Link link,
                InterfaceState base, bool brings_root, const std::string &run)
        : context_(context), syspath_(std::move(syspath)), backend_(backend),
          link_(std::move(link)), base_(std::move(base)), brings_root_(brings_root), run_(run) {}

    void on(const DhcpEvent &event);

private:
    void take(const Lease &lease);
    void keep_addresses(const std::vector<std::string> &addresses);
    void keep_routes();
    void tell();

    Context &context_;
    std::string syspath_;
    LinkBackend &backend_;
    Link link_;
    InterfaceState base_;
    bool brings_root_;
    const std::string &run_;
    std::vector<Lease> leases_; // one per source
};

void DhcpService::take(const Lease &lease) {
    const auto known = std::ranges::find(leases_, lease.source, &Lease::source);
    if (known == leases_.end())
        leases_.push_back(lease);
    else
        *known = lease;
}

// Nobody renews a lease between the switch and the start of the host's client, nor where there is
// none; the root must not lose its address then.
void DhcpService::keep_addresses(const std::vector<std::string> &addresses) {
    for (const std::string &address : addresses) {
        if (auto kept = backend_.keep_address(link_, address); !kept)
            context_.log(LogLevel::warning, kept.error().message());
    }
}

// dhcpcd keeps the kernel from following advertisements, and nobody takes that back.
void DhcpService::keep_routes() {
    if (std::ranges::none_of(leases_, &Lease::is_ipv6))
        return;
    if (auto kept = backend_.follow_advertisements(link_); !kept)
        context_.log(LogLevel::warning,
                     base_.name + ": IPv6 routes will not be renewed: " + kept.error().message());
}

void DhcpService::tell() {
    const InterfaceState state = with_leases(base_, leases_);
    // What the other cards' servers say of a root is not meant.
    const auto facts = link_facts(state, brings_root_ ? std::span<const Lease>(leases_)
                                                      : std::span<const Lease>());
    if (facts.empty())
        return;
    keep_addresses(state.addresses);
    keep_routes();
    tell_the_host(context_, state, run_);
    context_.log(LogLevel::info, std::format("{}: {}", base_.name, join(state.addresses, ", ")));
    publish(context_, syspath_, facts);
    context_.ready();
}

void DhcpService::on(const DhcpEvent &event) {
    for (const std::string &complaint : event.complaints)
        context_.log(LogLevel::warning, base_.name + ": " + complaint);
    switch (event.kind) {
    case DhcpEvent::Kind::got:
    case DhcpEvent::Kind::changed:
    case DhcpEvent::Kind::renewed:
        take(event.lease);
        return tell();
    case DhcpEvent::Kind::lost:
        std::erase_if(leases_,
                      [&](const Lease &lease) { return lease.source == event.lease.source; });
        context_.log(LogLevel::warning, base_.name + ": the lease is not valid any more");
        return tell();
    case DhcpEvent::Kind::cable:
        if (leases_.empty())
            context_.progress(event.has_cable ? no_answer_text(base_.name)
                                              : no_link_text(base_.name));
        return;
    case DhcpEvent::Kind::note:
        if (!event.text.empty())
            context_.log(LogLevel::debug, base_.name + ": " + event.text);
        return;
    }
}

} // namespace

Outcome import_config(Context &context, const Request &request) {
    const NetConfig config = read_net_config(sdk::option_list(request.options()));
    for (const std::string &warning : config.warnings)
        context.log(LogLevel::warning, warning);
    return Outcome::done;
}

Outcome configure_link(Context &context, const Request &request, LinkBackend &backend,
                       const std::string &run) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("this unit needs exactly one network interface");
    const NetConfig config = read_net_config(sdk::option_list(request.options()));
    const auto link = backend.find(std::string(devices.front().fact("uevent.INTERFACE")));
    if (!link)
        return context.fail(link.error().message());
    if (!*link)
        return context.done("it is not there any more, or has another name");
    const FirmwareNetwork firmware = firmware_of(context, config);
    for (const std::string &problem : firmware.problems)
        context.log(LogLevel::warning, problem);
    LinkIdentity identity = identity_of(**link, backend);
    const std::string_view type = devices.front().fact("devtype");
    identity.is_wireless = type == "wlan" || type == "wwan";
    std::string host_name;
    // Where udevd runs, it has called the interface as the host does before slipway heard of it.
    const bool is_named = devices.front().fact("initialized") == "1";
    if (!is_named && may_have_host_name(config, identity)) {
        auto name =
            name_on_host(context, request.options(), std::string(devices.front().syspath()));
        if (name)
            host_name = *std::move(name);
        else
            context.log(LogLevel::warning, name.error().message());
    }
    const LinkPlan plan = plan_link(config, identity, firmware, host_name);
    return LinkSetup(context, request, backend, **link, run).run(config, plan);
}

Outcome run_dhcp(Context &context, const Request &request, LinkBackend &backend, DhcpClient &client,
                 const std::string &run) {
    const NetConfig config = read_net_config(sdk::option_list(request.options()));
    const auto link = backend.find(std::string(request.params().get("interface")));
    if (!link)
        return context.fail(link.error().message());
    if (!*link)
        return context.fail("the interface is not there any more");
    const LinkPlan plan =
        plan_link(config, identity_of(**link, backend), firmware_of(context, config));
    if (!plan.ip)
        return context.fail("nothing asks for an address of " + (*link)->name);
    const IpPlan &ip = *plan.ip;
    DhcpService service(context, std::string(request.params().get("syspath")), backend, **link,
                        base_state(config, **link, ip), may_bring_root(config, **link), run);
    context.progress(no_answer_text((*link)->name));
    const auto ended = client.run({.interface = (*link)->name,
                                   .uses_dhcp4 = ip.methods.dhcp4,
                                   .uses_advertisements = ip.methods.advertisements,
                                   .uses_dhcp6 = ip.methods.dhcp6,
                                   .host_name = ip.host_name,
                                   .vendor_class = ""},
                                  [&service](const DhcpEvent &event) {
                                      service.on(event);
                                      return true;
                                  });
    return ended ? Outcome::done : context.retry(ended.error().message());
}

} // namespace slipway::net
