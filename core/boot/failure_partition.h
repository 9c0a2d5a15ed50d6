// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "engine/engine_view.h"

namespace slipway {

// Where the report of a failed boot may be written on a disk, or why nowhere.
struct FailurePartition {
    std::string device; // "/dev/vda1"; empty: nowhere
    std::string why_not;
};

// The EFI system partition, by its GPT type: that of the disk which was booted from, or the only
// one there is. None where a hibernated system may lie: it may have the partition mounted.
// `is_resume_decided`: EngineView::has_decided_barriers(). Pure.
[[nodiscard]] FailurePartition choose_failure_partition(const std::vector<DeviceSnapshot> &devices,
                                                        bool is_resume_decided);

} // namespace slipway
