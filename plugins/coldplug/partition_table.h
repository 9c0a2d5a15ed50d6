// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::coldplug {

// An entry of the partition table; texts as libblkid writes them, in lower case.
struct PartitionEntry {
    int number = 0;
    std::string uuid; // of MBR partitions made of the disk's number and the partition's
    std::string type; // a GUID; "" of MBR partitions
    std::uint64_t flags = 0;
};

// What PARTUUID=<uuid>/PARTNROFF=<n> is compared with: for each entry of the table "<uuid>/<n>",
// where `number` lies n places behind it. One line per entry.
[[nodiscard]] std::string offsets_of(int number, const std::vector<PartitionEntry> &table);

// Has the table the partition with this UUID? No text has none.
[[nodiscard]] bool holds_partition(const std::vector<PartitionEntry> &table, std::string_view uuid);

// Of a root of the architecture that runs; "" if the specification has none.
[[nodiscard]] std::string_view root_type() noexcept;

// UUID of the root of a disk by the Discoverable Partitions Specification: of the first entry with
// the type of a root of this architecture that does not forbid to be found; "" if there is none.
[[nodiscard]] std::string find_root_partition(const std::vector<PartitionEntry> &table);

} // namespace slipway::coldplug
