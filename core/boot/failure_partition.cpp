// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/failure_partition.h"

#include <algorithm>

namespace slipway {

namespace {

// UEFI specification, 5.3.3.
constexpr std::string_view kSystemPartition = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
constexpr std::string_view kHibernated = "swsuspend"; // as libblkid calls it

bool is_system_partition(const DeviceSnapshot &device) {
    const auto is = [&](std::string_view key, std::string_view value) {
        return fact(device.facts, key) == value;
    };
    return is("subsystem", "block") && is("part_type", kSystemPartition) && is("fs_type", "vfat") &&
           is("ready", "1") && !is("read_only", "1") && !fact(device.facts, "devnode").empty();
}

bool is_preferred(const DeviceSnapshot *device) {
    return fact(device->facts, "preference") == "1";
}

} // namespace

FailurePartition choose_failure_partition(const std::vector<DeviceSnapshot> &devices,
                                          bool is_resume_decided) {
    if (!is_resume_decided)
        return {.device = {},
                .why_not = "nothing is written to a disk before it is decided that no hibernated "
                           "system is resumed"};
    std::vector<const DeviceSnapshot *> found;
    for (const DeviceSnapshot &device : devices) {
        const std::string name(fact(device.facts, "devnode"));
        if (fact(device.facts, "fs_type") == kHibernated)
            return {.device = {}, .why_not = "a hibernated system lies on " + name};
        if (is_system_partition(device))
            found.push_back(&device);
    }
    // Of the disk that was booted from, if that is known.
    if (std::ranges::any_of(found, is_preferred))
        std::erase_if(found, [](const auto *device) { return !is_preferred(device); });
    if (found.empty())
        return {.device = {}, .why_not = "there is no EFI system partition"};
    if (found.size() > 1)
        return {.device = {},
                .why_not = "there are several EFI system partitions, and none of them is known to "
                           "be that of the disk which was booted from"};
    return {.device = std::string(fact(found.front()->facts, "devnode")), .why_not = {}};
}

} // namespace slipway
