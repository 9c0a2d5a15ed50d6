// SPDX-License-Identifier: LGPL-2.1-or-later
#include "block_device.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace slipway::coldplug {

namespace {

constexpr std::uint64_t kSectorBytes =
    512; // sysfs counts in these, whatever the device's block size
constexpr std::uint64_t kMaxSectors = UINT64_MAX / kSectorBytes;

template <class T>
std::optional<T> number(const std::string &text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool is_numbered(std::string_view name, std::string_view prefix) {
    return name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] >= '0' &&
           name[prefix.size()] <= '9';
}

// It stands on its origin and on the hidden volume that holds the differences. The cookie tells it,
// too, but only where udevd runs.
bool stands_on_differences(const Sysfs &sysfs, const std::string &syspath) {
    const std::string slaves = syspath + "/slaves";
    return std::ranges::any_of(sysfs.list(slaves), [&](const std::string &name) {
        const std::string uuid = sysfs.read(slaves + "/" + name + "/dm/uuid");
        return uuid.starts_with("LVM-") && uuid.ends_with("-cow");
    });
}

void read_dm(const Sysfs &sysfs, const std::string &syspath, BlockDevice &device) {
    device.dm_name = sysfs.read(syspath + "/dm/name");
    device.dm_uuid = sysfs.read(syspath + "/dm/uuid");
    device.is_suspended = sysfs.read(syspath + "/dm/suspended") == "1";
    device.is_snapshot = stands_on_differences(sysfs, syspath);
}

} // namespace

BlockDevice read_block_device(const Sysfs &sysfs, const std::string &syspath) {
    BlockDevice device;
    device.syspath = syspath;
    device.name = base_name(syspath);
    device.disk_syspath = syspath;
    if (const auto partition = number<unsigned>(sysfs.read(syspath + "/partition"))) {
        device.partition = partition;
        device.disk_syspath = parent_path(syspath);
        device.spans_disk = sysfs.exists(syspath + "/whole_disk");
    } else if (is_numbered(device.name, "dm-")) {
        read_dm(sysfs, syspath, device);
    } else if (device.name.starts_with("md")) {
        device.array_state = sysfs.read(syspath + "/md/array_state");
    } else if (is_numbered(device.name, "loop")) {
        device.is_loop_without_file = !sysfs.exists(syspath + "/loop/backing_file");
    }
    const std::uint64_t sectors = number<std::uint64_t>(sysfs.read(syspath + "/size")).value_or(0);
    device.size_bytes = std::min(sectors, kMaxSectors) * kSectorBytes;
    device.is_read_only = sysfs.read(syspath + "/ro") == "1";
    device.diskseq = sysfs.read(device.disk_syspath + "/diskseq");
    return device;
}

Readiness readiness_of(const BlockDevice &device) {
    // Floppies without a disk block for seconds; RAM disks have no content worth finding; the boot
    // areas of a flash card are not for file systems.
    constexpr std::array<std::string_view, 4> kIgnored = {"fd", "ram", "zram", "mtdblock"};
    const std::string disk = device.disk_name();
    if (std::ranges::any_of(kIgnored, [&](auto prefix) { return is_numbered(disk, prefix); }))
        return Readiness::ignored;
    if (is_numbered(disk, "mmcblk") && (disk.contains("boot") || disk.ends_with("rpmb")))
        return Readiness::ignored;
    // A mapping that is just being removed has lost its name: nobody can tell whose layer it is.
    const bool is_nameless = is_numbered(device.name, "dm-") && !device.is_dm();
    // An array that is being put together, or was stopped, has a node all the same.
    const bool is_stopped = device.array_state == "clear" || device.array_state == "inactive";
    if (is_stopped)
        return Readiness::not_ready;
    if (device.size_bytes == 0 || device.is_suspended || device.is_loop_without_file || is_nameless)
        return Readiness::not_ready;
    return Readiness::ready;
}

bool is_optical(const BlockDevice &device) noexcept {
    return is_numbered(device.name, "sr");
}

} // namespace slipway::coldplug
