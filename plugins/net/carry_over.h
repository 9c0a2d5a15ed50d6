// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/interface_state.h"

namespace slipway::net {

// What the host reads about an interface that the initrd has configured, so that it keeps it. Some
// of it comes from the network: every writer leaves out what cannot stand in its file.

// /run/net-<if>.conf as ipconfig of klibc writes it: shell assignments, read by scripts of
// ifupdown and open-iscsi and by cloud-init. In single quotes, as the scripts source the file.
// "" if the interface has no IPv4 address.
[[nodiscard]] std::string ipconfig_text(const InterfaceState &state);
// /run/net6-<if>.conf, with the names that Debian's scripts and cloud-init look for. "" as above.
[[nodiscard]] std::string ipconfig6_text(const InterfaceState &state);

// systemd.network(5), systemd 257. Hardware is matched by its current address, as the host may give
// it another name (and the permanent one is not what a port of a bond has); what the initrd has
// made is matched by the name it gave.
[[nodiscard]] std::string networkd_text(const InterfaceState &state);
[[nodiscard]] std::string networkd_file_name(const InterfaceState &state);

// nm-settings-keyfile(5). "" for what is no hardware: NetworkManager adopts that as it is.
[[nodiscard]] std::string networkmanager_text(const InterfaceState &state);

// Drop-ins for networking.service and ifup@.service of ifupdown, which then leave the interfaces
// alone whose hardware addresses are names in /run/slipway/carried.
[[nodiscard]] std::string networking_text();
[[nodiscard]] std::string ifup_text();

// What is named after an interface follows it when the host's udev gives it another name: a rule
// (udev(7)) for each one, found by its index, and the shell script that all of them run with the
// old and the new name. "" for what has no name of the kernel, or one that cannot stand in a rule.
[[nodiscard]] std::string rename_rule(const InterfaceState &state);
[[nodiscard]] std::string rename_script();
inline constexpr const char *kRenameScript = "/run/slipway/interface-renamed";

// resolv.conf(5), of all interfaces: three servers at most, as the resolver reads no more.
[[nodiscard]] std::string resolv_conf_text(std::span<const InterfaceState> states);

// Writes all files of one interface below `run`. The first error, after all have been tried.
[[nodiscard]] Result<> write_carry_over(const InterfaceState &state,
                                        const std::string &run = "/run");

// Writes <run>/slipway/resolv.conf, which /etc/resolv.conf of the image links to.
[[nodiscard]] Result<> write_resolv_conf(std::span<const InterfaceState> states,
                                         const std::string &run = "/run");

} // namespace slipway::net
