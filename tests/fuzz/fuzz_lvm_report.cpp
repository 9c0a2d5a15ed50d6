// SPDX-License-Identifier: LGPL-2.1-or-later
// What lvm reports of the groups on disks of anybody.
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "lvm/lvm_report.h"

using namespace slipway;
using fuzz::require;

namespace {

void check(const lvm::VolumeGroup &group) {
    require(!group.name.empty(), "a group has a name");
    require(group.logical_volumes.size() <= 4096, "volumes are bounded");
    for (const lvm::LogicalVolume &volume : group.logical_volumes) {
        require(group.find(volume.name) != nullptr, "a volume is found by its name", volume.name);
        require(group.link_path(volume).starts_with("/dev/"), "a path is below /dev");
    }
    for (const lvm::PhysicalVolume &part : group.physical_volumes)
        require(part.is_missing || part.last_node.empty(), "only what is missing was seen last",
                part.last_node);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto report = lvm::parse_report(fuzz::text_of(data, size));
    if (!report) {
        require(!report.error().message().empty(), "what is wrong is said");
        return 0;
    }
    require(report->groups.size() <= 64 && report->warnings.size() <= 64, "groups are bounded");
    for (const lvm::VolumeGroup &group : report->groups)
        check(group);
    return 0;
}
