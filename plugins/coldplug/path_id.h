// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "sysfs.h"

namespace slipway::coldplug {

// The names below /dev/disk/by-path for the disk at `syspath`, as udev's path_id builds them for
// PCI, platform, virtio, NVMe, ATA, SCSI, iSCSI and USB: "pci-0000:00:04.0-ata-1.0", then the older
// spellings that Debian's rules add. Empty if the way to the disk has a part that is not known: a
// name that udev would not make must not be made.
[[nodiscard]] std::vector<std::string> path_ids(const Sysfs &sysfs, const std::string &syspath);

} // namespace slipway::coldplug
