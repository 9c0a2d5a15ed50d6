// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "block_device.h"
#include "dm_identity.h"
#include "hardware_id.h"
#include "probe_backend.h"

namespace slipway::coldplug {

// Everything that is known about a block device after probing.
struct BlockFindings {
    BlockDevice device;
    std::string device_number; // "254:1"
    ProbeResult probe;
    std::string boot_partition; // UUID of the one that the machine was booted from; "": not known
    HardwareId hardware;        // of the whole disk
    std::vector<std::string> path_ids; // of the whole disk
    std::string dm_cookie;             // of the uevent; "" if it had none
};

// The names of the device: absolute paths below /dev, those that Debian's udev rules would make
// (60-persistent-storage.rules, 55-dm.rules, 56-lvm.rules, 60-persistent-storage-dm.rules,
// 69-lvm.rules) and no others: the host's udevd takes them over.
[[nodiscard]] std::vector<std::string> links_of(const BlockFindings &findings);

// The facts to publish, docs/architecture.md. Without those that are empty.
[[nodiscard]] std::map<std::string, std::string> facts_of(const BlockFindings &findings);

} // namespace slipway::coldplug
