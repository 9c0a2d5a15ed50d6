// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace slipway {

// Whether the device with this modalias, as the kernel writes it into sysfs, is one that disks hang
// on: PCI mass storage and SD controllers, virtio disks and SCSI hosts, USB mass storage. Network
// cards, to which disks may lead as well, are none. Pure.
[[nodiscard]] bool may_hold_disks(std::string_view modalias);

} // namespace slipway
