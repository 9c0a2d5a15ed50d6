// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "partition_table.h"

namespace slipway::coldplug {

// What probing found on a device; texts as they stand on the disk, empty if there is nothing.
struct ProbeResult {
    bool is_ambivalent = false; // several file systems: none of them is reported
    std::string fs_type;
    std::string fs_usage; // "filesystem", "raid", "crypto", "other"
    std::string fs_uuid;
    std::string fs_label;
    std::string fs_version;
    std::string pt_type; // of a partition table on the device: "gpt", "dos"
    // Of the partition that the device is.
    std::string part_scheme;
    std::string part_uuid;
    std::string part_label;
    std::string part_type;
    std::string part_number;
    std::string part_flags;            // "0x1000000000000000"
    std::vector<PartitionEntry> table; // all partitions of its disk; see ProbeOptions
};

struct ProbeOptions {
    bool is_optical = false; // only if a medium is in; no RAID signatures
    std::string disk_node;   // of a partition: the disk whose table is read; "": none
};

// Reads superblocks and partition tables. Untrusted bytes: runs in a worker only.
class ProbeBackend {
public:
    ProbeBackend() = default;
    ProbeBackend(const ProbeBackend &) = delete;
    ProbeBackend &operator=(const ProbeBackend &) = delete;
    ProbeBackend(ProbeBackend &&) = delete;
    ProbeBackend &operator=(ProbeBackend &&) = delete;
    virtual ~ProbeBackend() = default;

    // An error means that the device cannot be read; ENOMEDIUM that there is nothing in it.
    [[nodiscard]] virtual Result<ProbeResult> probe(const std::string &devnode,
                                                    const ProbeOptions &options) = 0;
};

} // namespace slipway::coldplug
