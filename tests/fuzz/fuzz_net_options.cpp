// SPDX-License-Identifier: LGPL-2.1-or-later
// The network's words of the kernel command line, up to what is done with interfaces. The input is
// lines "key=value" as PID 1 hands them over: the occurrences of a list follow each other.
#include <map>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "net/lease_text.h"
#include "net/link_plan.h"

namespace {

using namespace slipway;
using namespace slipway::net;
using fuzz::require;

void check_address(const std::string &text) {
    const std::size_t slash = text.find('/');
    require(slash != std::string::npos, "an address has a prefix length", text);
    const auto address = canonical_address(std::string_view(text).substr(0, slash));
    require(address && *address == text.substr(0, slash), "an address is in its usual spelling",
            text);
    require(prefix_length(std::string_view(text).substr(slash + 1), text.contains(':')).has_value(),
            "a prefix length is one", text);
}

void check_word(const IpWord &word) {
    require(word.interface.empty() || is_interface_name(word.interface), "a name is one",
            word.interface);
    require(word.host_name.empty() || is_domain_name(word.host_name), "a host name is one",
            word.host_name);
    require(word.mac.empty() || canonical_mac(word.mac) == word.mac, "a hardware address is one",
            word.mac);
    require(word.mtu == 0 || word.mtu >= 68, "an MTU is possible", word.interface);
    if (!word.address.empty())
        check_address(word.address);
    for (const std::string &address : word.dns)
        require(canonical_address(address) == address, "a name server is an address", address);
}

void check_plan(const NetConfig &config, const LinkIdentity &link) {
    const LinkPlan plan = plan_link(config, link, {});
    require(plan.is_nothing() != plan.reason.empty() || !plan.is_nothing(),
            "what is left alone has a reason", link.name);
    require(plan.new_name.empty() || is_interface_name(plan.new_name), "a new name is one",
            plan.new_name);
    for (const Vlan &vlan : plan.vlans)
        require(vlan.id >= 1 && vlan.id <= 4094, "a VLAN has a number", vlan.name);
    (void)may_have_host_name(config, link);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
    std::map<std::string, std::string> options;
    for (const auto &[key, value] : fuzz::pairs_of({reinterpret_cast<const char *>(data), size})) {
        const auto [at, is_new] = options.emplace(key, value);
        if (!is_new)
            at->second += "\n" + value;
    }
    const NetConfig config = read_net_config({options.begin(), options.end()});
    for (const std::string &warning : config.warnings)
        require(printable(warning, warning.size()) == warning, "warnings are printable", warning);
    for (const IpWord &word : config.words)
        check_word(word);
    check_plan(config, {.name = "eth0",
                        .mac = "52:54:00:12:34:00",
                        .kind = "",
                        .is_ethernet = true,
                        .is_first = true});
    check_plan(config, {.name = "bond0", .mac = "", .kind = "bond", .is_ethernet = true});
    return 0;
}
