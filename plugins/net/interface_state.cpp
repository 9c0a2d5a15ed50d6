// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/interface_state.h"

#include <algorithm>
#include <utility>

namespace slipway::net {

namespace {

template <class T>
void append(std::vector<T> &to, const std::vector<T> &from) {
    to.insert(to.end(), from.begin(), from.end());
}

void append_new(std::vector<std::string> &to, const std::vector<std::string> &from) {
    for (const std::string &text : from)
        if (!std::ranges::contains(to, text))
            to.push_back(text);
}

void fill(std::string &to, const std::string &from) {
    if (to.empty())
        to = from;
}

void add(InterfaceState &state, const Lease &lease) {
    append_new(state.addresses, lease.addresses);
    append_new(state.gateways, lease.routers);
    append(state.routes, lease.routes);
    append_new(state.leased_dns, lease.dns);
    append_new(state.leased_search, lease.search);
    fill(state.domain, lease.domain);
    fill(state.host_name, lease.host_name);
    fill(state.broadcast, lease.broadcast);
    fill(state.root_server, lease.next_server);
    fill(state.root_path, lease.root_path);
    fill(state.boot_file, lease.boot_file);
    fill(state.client_duid, lease.client_duid);
    fill(state.iaid, lease.iaid);
    if (!lease.is_ipv6()) {
        fill(state.root_server, lease.server);
        state.lifetime = lease.lifetime;
        state.acquired = lease.acquired;
    }
}

} // namespace

InterfaceState with_leases(InterfaceState base, std::span<const Lease> leases) {
    for (const Lease &lease : leases)
        add(base, lease);
    return base;
}

std::vector<std::string> of_family(const std::vector<std::string> &addresses, bool is_ipv6) {
    std::vector<std::string> found;
    std::ranges::copy_if(addresses, std::back_inserter(found), [&](const std::string &address) {
        return address.contains(':') == is_ipv6;
    });
    return found;
}

std::vector<std::string> dns_of(const InterfaceState &state) {
    std::vector<std::string> dns;
    append_new(dns, state.dns);
    if (state.uses_leased_dns)
        append_new(dns, state.leased_dns);
    return dns;
}

std::vector<std::string> search_of(const InterfaceState &state) {
    std::vector<std::string> search;
    append_new(search, state.search);
    if (state.uses_leased_dns) {
        if (!state.domain.empty())
            append_new(search, {state.domain});
        append_new(search, state.leased_search);
    }
    return search;
}

std::string simple_name(std::string_view name, char other) {
    std::string simple(name);
    for (char &c : simple) {
        const bool is_simple = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!is_simple)
            c = other;
    }
    return simple;
}

} // namespace slipway::net
