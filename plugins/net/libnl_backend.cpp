// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The only source that knows libnl. Each call asks the kernel anew: links come and go while
// configurations of others run.
#include "net/libnl_backend.h"

#include <fcntl.h>
#include <linux/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bonding.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/vlan.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <poll.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <format>

#include "base/unique_fd.h"
#include "net/bond_options.h"
#include "net/kernel_file.h"

namespace slipway::net {

namespace {

template <auto Free>
struct Release {
    template <class T>
    void operator()(T *object) const {
        Free(object);
    }
};
using Socket = std::unique_ptr<nl_sock, Release<nl_socket_free>>;
using LinkObject = std::unique_ptr<rtnl_link, Release<rtnl_link_put>>;
using AddressObject = std::unique_ptr<rtnl_addr, Release<rtnl_addr_put>>;
using RouteObject = std::unique_ptr<rtnl_route, Release<rtnl_route_put>>;
using NetworkAddress = std::unique_ptr<nl_addr, Release<nl_addr_put>>;

int to_errno(int error) {
    switch (-error) {
    case NLE_EXIST:
        return EEXIST;
    case NLE_NODEV:
    case NLE_OBJ_NOTFOUND:
        return ENODEV;
    case NLE_PERM:
        return EPERM;
    case NLE_BUSY:
        return EBUSY;
    case NLE_OPNOTSUPP:
        return EOPNOTSUPP;
    case NLE_INVAL:
        return EINVAL;
    default:
        return EIO;
    }
}

// What is there already is what was wanted.
Result<> checked(int error, const std::string &what) {
    if (error >= 0 || error == -NLE_EXIST)
        return {};
    return failure(what + ": " + nl_geterror(error), to_errno(error));
}

Result<> refused(const std::string &what) {
    return failure(what + ": the kernel cannot be asked for it: out of memory", ENOMEM);
}

Result<NetworkAddress> parse_address(const std::string &text) {
    nl_addr *parsed = nullptr;
    if (const int error = nl_addr_parse(text.c_str(), AF_UNSPEC, &parsed); error < 0)
        return failure("\"" + text + "\" is no address: " + nl_geterror(error), EINVAL);
    return NetworkAddress(parsed);
}

Link describe(rtnl_link &object) {
    Link link;
    link.index = rtnl_link_get_ifindex(&object);
    if (const char *name = rtnl_link_get_name(&object); name != nullptr)
        link.name = name;
    if (const char *kind = rtnl_link_get_type(&object); kind != nullptr)
        link.kind = kind;
    link.type = rtnl_link_get_arptype(&object);
    const unsigned flags = rtnl_link_get_flags(&object);
    link.is_up = (flags & IFF_UP) != 0;
    link.has_carrier = link.is_up && rtnl_link_get_carrier(&object) != 0;
    link.master = rtnl_link_get_master(&object);
    std::array<char, 64> text{};
    nl_addr *mac = rtnl_link_get_addr(&object);
    if (mac != nullptr && nl_addr_get_len(mac) == 6)
        link.mac = nl_addr2str(mac, text.data(), text.size());
    return link;
}

class LibnlBackend final : public LinkBackend {
public:
    static Result<std::unique_ptr<LinkBackend>> open();

    Result<std::optional<Link>> find(const std::string &name) override;
    bool is_first(const Link &link) override;
    Result<> rename(const Link &link, const std::string &name) override;
    Result<> set_up(const Link &link) override { return set_flag(link, true); }
    Result<> set_down(const Link &link) override { return set_flag(link, false); }
    Result<> set_mtu(const Link &link, unsigned mtu) override;
    Result<> set_mac(const Link &link, const std::string &mac) override;
    Result<> make_bond(const std::string &name,
                       const std::vector<std::pair<std::string, std::string>> &options) override;
    Result<> make_bridge(const std::string &name) override;
    Result<> make_vlan(const Link &parent, const std::string &name, std::uint16_t id) override;
    Result<> add_port(const Link &port, const Link &master) override;
    Result<> add_address(const Link &link, const StaticAddress &address) override;
    Result<> keep_address(const Link &link, const std::string &address) override;
    Result<> follow_advertisements(const Link &link) override;
    Result<> add_route(const Link &link, const StaticRoute &route) override;
    Result<bool> wait_for_carrier(const Link &link, std::chrono::milliseconds limit) override;

private:
    explicit LibnlBackend(Socket socket) : socket_(std::move(socket)) {}
    [[nodiscard]] Result<LinkObject> get(int index, const std::string &name) const;
    Result<> change(const Link &link, rtnl_link &wanted, const std::string &what);
    Result<> set_flag(const Link &link, bool is_up);
    Result<> add(rtnl_link &link, const std::string &what);

    Socket socket_;
};

Result<Socket> connect() {
    Socket socket(nl_socket_alloc());
    if (!socket)
        return failure("connect to rtnetlink: out of memory", ENOMEM);
    if (const int error = nl_connect(socket.get(), NETLINK_ROUTE); error < 0)
        return failure(std::string("connect to rtnetlink: ") + nl_geterror(error), to_errno(error));
    return socket;
}

Result<std::unique_ptr<LinkBackend>> LibnlBackend::open() {
    return connect().transform([](Socket socket) -> std::unique_ptr<LinkBackend> {
        return std::unique_ptr<LinkBackend>(new LibnlBackend(std::move(socket)));
    });
}

// By name if that is not empty.
Result<LinkObject> LibnlBackend::get(int index, const std::string &name) const {
    rtnl_link *found = nullptr;
    const int error =
        rtnl_link_get_kernel(socket_.get(), index, name.empty() ? nullptr : name.c_str(), &found);
    if (error == -NLE_NODEV || error == -NLE_OBJ_NOTFOUND)
        return LinkObject();
    if (error < 0)
        return failure("look at interface " + name + ": " + nl_geterror(error), to_errno(error));
    return LinkObject(found);
}

Result<std::optional<Link>> LibnlBackend::find(const std::string &name) {
    return get(0, name).transform([](const LinkObject &object) {
        return object ? std::optional(describe(*object)) : std::nullopt;
    });
}

bool LibnlBackend::is_first(const Link &link) {
    nl_cache *cache = nullptr;
    if (rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &cache) < 0)
        return true;
    const std::unique_ptr<nl_cache, Release<nl_cache_free>> owner(cache);
    for (nl_object *object = nl_cache_get_first(cache); object != nullptr;
         object = nl_cache_get_next(object)) {
        const Link other = describe(*reinterpret_cast<rtnl_link *>(object));
        if (other.kind.empty() && other.type == link.type && other.index < link.index)
            return false;
    }
    return true;
}

Result<> LibnlBackend::change(const Link &link, rtnl_link &wanted, const std::string &what) {
    const auto present = get(link.index, "");
    if (!present)
        return std::unexpected(present.error());
    if (!*present)
        return failure(what + ": it is not there any more", ENODEV);
    return checked(rtnl_link_change(socket_.get(), present->get(), &wanted, 0), what);
}

Result<> LibnlBackend::set_flag(const Link &link, bool is_up) {
    const std::string what = (is_up ? "bring up " : "take down ") + link.name;
    const LinkObject wanted(rtnl_link_alloc());
    if (!wanted)
        return refused(what);
    if (is_up)
        rtnl_link_set_flags(wanted.get(), IFF_UP);
    else
        rtnl_link_unset_flags(wanted.get(), IFF_UP);
    return change(link, *wanted, what);
}

Result<> LibnlBackend::rename(const Link &link, const std::string &name) {
    if (link.is_up) {
        if (auto down = set_down(link); !down)
            return down;
    }
    const std::string what = "rename " + link.name + " to " + name;
    const LinkObject wanted(rtnl_link_alloc());
    if (!wanted)
        return refused(what);
    rtnl_link_set_name(wanted.get(), name.c_str());
    const auto other = find(name);
    if (other && *other && (*other)->index != link.index)
        return failure(what + ": another interface has that name", EEXIST);
    return change(link, *wanted, what);
}

Result<> LibnlBackend::set_mtu(const Link &link, unsigned mtu) {
    const std::string what = std::format("set the MTU of {} to {}", link.name, mtu);
    const LinkObject wanted(rtnl_link_alloc());
    if (!wanted)
        return refused(what);
    rtnl_link_set_mtu(wanted.get(), mtu);
    return change(link, *wanted, what);
}

Result<> LibnlBackend::set_mac(const Link &link, const std::string &mac) {
    const std::string what = "set the address of " + link.name + " to " + mac;
    const LinkObject wanted(rtnl_link_alloc());
    if (!wanted)
        return refused(what);
    const auto address = parse_address(mac);
    if (!address)
        return std::unexpected(address.error());
    rtnl_link_set_addr(wanted.get(), address->get());
    return change(link, *wanted, what);
}

Result<> LibnlBackend::add(rtnl_link &link, const std::string &what) {
    return checked(rtnl_link_add(socket_.get(), &link, NLM_F_CREATE | NLM_F_EXCL), what);
}

// While it is held, no other process of ours makes a bond. The jobs of all ports want the same one,
// and none may join before the one that makes it has set the mode.
UniqueFd lock_of_bonds() {
    UniqueFd lock(::open("/sys/class/net", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (lock && ::flock(lock.get(), LOCK_EX) != 0 && errno == EINTR) {
    }
    return lock;
}

Result<> LibnlBackend::make_bond(const std::string &name,
                                 const std::vector<std::pair<std::string, std::string>> &options) {
    const std::string what = "make the bond " + name;
    const UniqueFd lock = lock_of_bonds();
    const auto there = find(name);
    if (there && *there)
        return {};
    const LinkObject bond(rtnl_link_bond_alloc());
    if (!bond)
        return refused(what);
    rtnl_link_set_name(bond.get(), name.c_str());
    if (auto added = add(*bond, what); !added)
        return added;
    // Most options have no attribute in libnl, and all have a file.
    return write_bond_options("/sys/class/net/" + name + "/bonding", options);
}

Result<> LibnlBackend::make_bridge(const std::string &name) {
    const std::string what = "make the bridge " + name;
    const LinkObject bridge(rtnl_link_bridge_alloc());
    if (!bridge)
        return refused(what);
    rtnl_link_set_name(bridge.get(), name.c_str());
    return add(*bridge, what);
}

Result<> LibnlBackend::make_vlan(const Link &parent, const std::string &name, std::uint16_t id) {
    const std::string what =
        std::format("make the VLAN {} with number {} on {}", name, id, parent.name);
    const LinkObject vlan(rtnl_link_vlan_alloc());
    if (!vlan)
        return refused(what);
    rtnl_link_set_name(vlan.get(), name.c_str());
    rtnl_link_set_link(vlan.get(), parent.index);
    rtnl_link_vlan_set_id(vlan.get(), id);
    return add(*vlan, what);
}

Result<> LibnlBackend::add_port(const Link &port, const Link &master) {
    const std::string what = "add " + port.name + " to " + master.name;
    if (port.master == master.index)
        return {};
    if (master.kind == "bond" && port.is_up) {
        if (auto down = set_down(port); !down)
            return down;
    }
    return checked(rtnl_link_enslave_ifindex(socket_.get(), master.index, port.index), what);
}

Result<> LibnlBackend::add_address(const Link &link, const StaticAddress &address) {
    const std::string what = "give " + link.name + " the address " + address.address;
    const AddressObject object(rtnl_addr_alloc());
    const auto local = parse_address(address.address);
    if (!object || !local)
        return object ? std::unexpected(local.error()) : refused(what);
    rtnl_addr_set_ifindex(object.get(), link.index);
    rtnl_addr_set_local(object.get(), local->get());
    if (!address.peer.empty()) {
        const auto peer = parse_address(address.peer);
        if (!peer)
            return std::unexpected(peer.error());
        rtnl_addr_set_peer(object.get(), peer->get());
    }
    // Nobody else is given this address, or the boot is lost anyway; and the wait for the answer of
    // nobody takes a second or more (IFA_F_NODAD).
    if (nl_addr_get_family(local->get()) == AF_INET6)
        rtnl_addr_set_flags(object.get(), IFA_F_NODAD);
    return checked(rtnl_addr_add(socket_.get(), object.get(), 0), what);
}

// Without lifetimes in the message they are infinite.
Result<> LibnlBackend::keep_address(const Link &link, const std::string &address) {
    const std::string what = "keep the address " + address + " of " + link.name;
    const AddressObject object(rtnl_addr_alloc());
    const auto local = parse_address(address);
    if (!object || !local)
        return object ? std::unexpected(local.error()) : refused(what);
    rtnl_addr_set_ifindex(object.get(), link.index);
    rtnl_addr_set_local(object.get(), local->get());
    return checked(rtnl_addr_add(socket_.get(), object.get(), NLM_F_REPLACE), what);
}

Result<> LibnlBackend::follow_advertisements(const Link &link) {
    for (const char *setting : {"autoconf", "accept_ra"}) {
        const std::string path = "/proc/sys/net/ipv6/conf/" + link.name + "/" + setting;
        if (auto set = write_kernel_file(path, "1"); !set)
            return set;
    }
    return {};
}

Result<> LibnlBackend::add_route(const Link &link, const StaticRoute &route) {
    const std::string to = route.destination.empty() ? "default" : route.destination;
    const std::string what = "add the route " + to + " on " + link.name;
    const RouteObject object(rtnl_route_alloc());
    rtnl_nexthop *hop = rtnl_route_nh_alloc();
    if (!object || hop == nullptr)
        return refused(what);
    rtnl_route_add_nexthop(object.get(), hop); // which owns it now
    rtnl_route_nh_set_ifindex(hop, link.index);
    const bool is_v6 = (route.gateway + route.destination).contains(':');
    const auto destination = parse_address(!route.destination.empty() ? route.destination
                                           : is_v6                    ? "::/0"
                                                                      : "0.0.0.0/0");
    if (!destination)
        return std::unexpected(destination.error());
    rtnl_route_set_family(object.get(), is_v6 ? AF_INET6 : AF_INET);
    rtnl_route_set_dst(object.get(), destination->get());
    rtnl_route_set_scope(object.get(), route.gateway.empty() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
    if (!route.gateway.empty()) {
        const auto gateway = parse_address(route.gateway);
        if (!gateway)
            return std::unexpected(gateway.error());
        rtnl_route_nh_set_gateway(hop, gateway->get());
    }
    return checked(rtnl_route_add(socket_.get(), object.get(), NLM_F_CREATE), what);
}

// Messages that arrived are only a reason to look again.
void drain(nl_sock &socket) {
    std::array<char, 4096> block{};
    while (::recv(nl_socket_get_fd(&socket), block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
}

Result<bool> LibnlBackend::wait_for_carrier(const Link &link, std::chrono::milliseconds limit) {
    auto events = connect();
    if (!events)
        return std::unexpected(events.error());
    if (const int error = nl_socket_add_membership(events->get(), RTNLGRP_LINK); error < 0)
        return failure(std::string("listen to rtnetlink: ") + nl_geterror(error), to_errno(error));
    const auto end = std::chrono::steady_clock::now() + limit;
    while (true) {
        const auto now = get(link.index, "");
        if (!now)
            return std::unexpected(now.error());
        if (!*now)
            return failure("interface " + link.name + " is not there any more", ENODEV);
        if (describe(**now).has_carrier)
            return true;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return false;
        pollfd poll{nl_socket_get_fd(events->get()), POLLIN, 0};
        (void)::poll(&poll, 1, static_cast<int>(left.count()));
        drain(**events);
    }
}

} // namespace

Result<std::unique_ptr<LinkBackend>> make_libnl_backend() {
    return LibnlBackend::open();
}

} // namespace slipway::net
