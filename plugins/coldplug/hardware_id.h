// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "sysfs.h"

namespace slipway::coldplug {

// Who made a disk and which one it is, as far as sysfs tells without asking the device.
struct HardwareId {
    std::string model;
    std::string serial;
    std::string wwn; // "0x5000c500a1b2c3d4"
    // Names below /dev/disk/by-id, without the suffix of a partition: "virtio-disk0", "ata-…",
    // "wwn-…".
    std::vector<std::string> names;
};

// `syspath` of a whole disk. Names follow 60-persistent-storage.rules and the programs it runs
// (ata_id, scsi_id, usb_id); a name that cannot be told with certainty is left out.
[[nodiscard]] HardwareId read_hardware_id(const Sysfs &sysfs, const std::string &syspath);

} // namespace slipway::coldplug
