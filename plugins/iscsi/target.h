// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::iscsi {

inline constexpr std::uint16_t kDefaultPort = 3260; // RFC 7143

// User name and password, and those with which the target shows that it is the right one (mutual
// CHAP, RFC 7143 section 12.1.3). Never in a message, in the arguments of a program or in a unit.
struct Chap {
    std::string user;
    std::string password;
    std::string user_in;
    std::string password_in;

    [[nodiscard]] bool is_used() const noexcept { return !user.empty(); }
    [[nodiscard]] bool is_mutual() const noexcept { return !user_in.empty(); }
    bool operator==(const Chap &) const = default;
};

// One logical unit of one target behind one portal.
struct Target {
    std::string name;   // iqn.…, eui.… or naa.…; checked
    std::string server; // host name or address without brackets; empty: the lease says it
    std::uint16_t port = kDefaultPort;
    std::uint16_t group = 1;  // portal group; the target corrects a wrong one
    std::string interface_id; // of open-iscsi's interface record; empty: "default"
    std::string netdev;       // network interface that must carry the session; empty: any
    std::uint64_t lun = 0;    // as the kernel counts, scsilun_to_int()
    Chap chap;

    bool operator==(const Target &) const = default;
};

// "[<user>:<password>[:<user in>:<password in>]@][<server>]:[<protocol>]:[<port>]:
// [[<iface>]:[<netdev>]:][<lun>]:<name>": what follows "iscsi:" in RFC 4173, with the additions of
// dracut.cmdline(7). An IPv6 address stands in brackets. Hostile text is refused; the message holds
// no password.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

// The same text for people: without the passwords, printable, and not too long.
[[nodiscard]] std::string shown_target(std::string_view text);

// RFC 7143 section 4.2.7, in ASCII: no character that means something to a path or a shell.
[[nodiscard]] Result<> check_target_name(std::string_view name);
// Host name (RFC 1123, also with '_'), IPv4 or IPv6 address.
[[nodiscard]] bool is_server(std::string_view text) noexcept;
// What the kernel accepts, dev_valid_name(), without what would mean something in a path.
[[nodiscard]] bool is_interface_name(std::string_view text) noexcept;
// Names and passwords fit into a line of open-iscsi's records, and each password has its user.
[[nodiscard]] Result<> check_chap(const Chap &chap);

// Decimal, as dracut and Debian count; or hexadecimal in groups of four digits as in RFC 4173,
// which is told by a minus or a letter. Empty: 0.
[[nodiscard]] Result<std::uint64_t> parse_lun(std::string_view text);
[[nodiscard]] Result<std::uint16_t> parse_port(std::string_view text);

// "192.0.2.1:3260", "[2001:db8::1]:3260".
[[nodiscard]] std::string portal_text(std::string_view server, std::uint16_t port);

} // namespace slipway::iscsi
