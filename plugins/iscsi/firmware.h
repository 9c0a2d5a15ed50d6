// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "iscsi/target.h"

namespace slipway::iscsi {

// What the firmware's boot table (iBFT) says about targets, as the kernel module iscsi_ibft shows
// it: Documentation/ABI/testing/sysfs-ibft. The network settings in it are the net plugin's.
struct Firmware {
    std::string initiator; // checked; empty: it has none, or one that is refused
    std::vector<Target> targets;
    std::vector<std::string> problems; // entries that are refused, with the reason
    bool is_present = false;           // there is such a table
};

// `root`: what stands in front of "/sys"; tests hand in a folder of their own.
[[nodiscard]] Firmware read_firmware(const std::string &root = "");

} // namespace slipway::iscsi
