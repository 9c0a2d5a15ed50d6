// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace slipway::net {

// How the firmware has set up one network interface, in order to boot over iSCSI.
struct FirmwareInterface {
    std::string mac; // lower case, with colons
    bool is_dhcp = false;
    std::string address; // without DHCP: numeric, checked
    unsigned prefix = 0; // length of its network part
    std::string gateway; // the rest may be empty: numeric, checked
    std::vector<std::string> dns;
    unsigned vlan = 0;    // 0: none
    bool is_boot = false; // the firmware booted through it
    bool operator==(const FirmwareInterface &) const = default;
};

// What the firmware's table (iBFT) says, as the kernel module iscsi_ibft shows it:
// Documentation/ABI/testing/sysfs-ibft. Interfaces that were booted through come first.
struct FirmwareNetwork {
    std::vector<FirmwareInterface> interfaces;
    std::vector<std::string> problems; // entries that are refused, with the reason
};

// `root`: what stands in front of "/sys"; tests hand in a folder of their own.
[[nodiscard]] FirmwareNetwork read_firmware_network(const std::string &root = "");

} // namespace slipway::net
