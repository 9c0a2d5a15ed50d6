// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/storage_hardware.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace slipway {

namespace {

// scripts/mod/file2alias.c says how they are made; include/linux/pci_ids.h and virtio_ids.h what
// the numbers mean.
constexpr std::array<std::string_view, 5> kPatterns = {
    "pci:*bc01sc*", "pci:*bc08sc05*", "virtio:d00000002v*", "virtio:d00000008v*", "usb:*ic08isc*",
};

} // namespace

bool may_hold_disks(std::string_view modalias) {
    return std::ranges::any_of(
        kPatterns, [&](std::string_view pattern) { return matches_pattern(pattern, modalias); });
}

} // namespace slipway
