// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/link_facts.h"

#include "base/text.h"

namespace slipway::net {

std::map<std::string, std::string> link_facts(const InterfaceState &state,
                                              std::span<const Lease> leases) {
    std::map<std::string, std::string> facts;
    if (state.addresses.empty())
        return facts;
    facts["net_online"] = "1";
    facts["net_addresses"] = join(state.addresses, "\n");
    const auto add = [&facts](const char *key, const std::string &value) {
        if (!value.empty())
            facts.try_emplace(key, value); // the first lease that says it
    };
    add("net_mac", state.mac);
    for (const Lease &lease : leases) {
        add("dhcp_root_path", lease.root_path);
        add("dhcp_root_path_refused", lease.root_path_refusal);
        add("dhcp_next_server", lease.next_server);
        add("dhcp_server", lease.server);
        add("dhcp_hostname", lease.host_name);
    }
    return facts;
}

} // namespace slipway::net
