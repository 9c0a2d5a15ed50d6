// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::net {

// How an interface gets its addresses.
struct IpMethods {
    bool dhcp4 = false;
    bool dhcp6 = false;
    bool advertisements = false; // of IPv6 routers
    bool link_local = false;     // IPv6, by the kernel
    bool firmware = false;       // ibft: as the firmware has set it up
    [[nodiscard]] bool any() const noexcept {
        return dhcp4 || dhcp6 || advertisements || link_local || firmware;
    }
    bool operator==(const IpMethods &) const = default;
};

// One ip= word: dracut.cmdline(7), the kernel's Documentation/admin-guide/nfs/nfsroot.rst. All
// addresses are valid ones in the spelling of inet_ntop(3).
struct IpWord {
    std::string interface; // empty: none is named
    IpMethods methods;
    bool is_off = false; // nothing is to be configured
    std::string address; // with prefix length; empty: none
    std::string peer;    // of a point-to-point link
    std::string gateway;
    std::string host_name;
    unsigned mtu = 0; // bytes; 0: as it is
    std::string mac;  // to be given to the interface
    std::vector<std::string> dns;
    std::string notice; // something was understood in another way than written
    bool operator==(const IpWord &) const = default;
};

// The error names the word, what is wrong with it, and the accepted forms.
[[nodiscard]] Result<IpWord> parse_ip_word(std::string_view word);

// "eth0", "[fd00::1]", "52:54:00:12:34:56" → the parts between the colons; brackets keep theirs and
// are taken off.
[[nodiscard]] std::vector<std::string> split_colons(std::string_view text);

// IPv4 or IPv6, in its usual spelling.
[[nodiscard]] std::optional<std::string> canonical_address(std::string_view text);

// "52-54-00-12-34-56" and the like → "52:54:00:12:34:56"; with the hardware type "01-" in front, as
// PXELINUX writes it, too.
[[nodiscard]] std::optional<std::string> canonical_mac(std::string_view text);

// Bytes, from 68 (RFC 791) to 65535.
[[nodiscard]] std::optional<unsigned> parse_mtu(std::string_view text);

// "24", "255.255.255.0" → 24. Nothing: a mask with holes, or too long.
[[nodiscard]] std::optional<unsigned> prefix_length(std::string_view mask, bool is_ipv6);

} // namespace slipway::net
