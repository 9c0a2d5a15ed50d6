// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "lvm/lvm_report.h"

namespace slipway::lvm {

// The kernel modules that these volumes of `group` need besides dm_mod, each once, in the order in
// which they are loaded. The kernel and lvm would ask modprobe for them, which an initrd need not
// have.
[[nodiscard]] std::vector<std::string> modules_of(const VolumeGroup &group,
                                                  const std::vector<std::string> &volumes);

} // namespace slipway::lvm
