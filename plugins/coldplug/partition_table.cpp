// SPDX-License-Identifier: LGPL-2.1-or-later
#include "partition_table.h"

#include <algorithm>
#include <format>

namespace slipway::coldplug {

namespace {

// Discoverable Partitions Specification, "root partition" of the architecture that runs.
#if defined(__x86_64__)
constexpr std::string_view kRootType = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
#elif defined(__i386__)
constexpr std::string_view kRootType = "44479540-f297-41b2-9af7-d131d5f0458a";
#elif defined(__aarch64__)
constexpr std::string_view kRootType = "b921b045-1df0-41c3-af44-4c6f280d3fae";
#elif defined(__arm__)
constexpr std::string_view kRootType = "69dad710-2ce4-4e3c-b16c-21a1d49abed3";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::string_view kRootType = "72ec70a6-cf74-40e6-bd49-4bda08e8f224";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::string_view kRootType = "c31c45e6-3f39-412e-80fb-4809c4980599";
#elif defined(__s390x__)
constexpr std::string_view kRootType = "5eead9a9-fe09-4a1e-a1d7-520d00531306";
#elif defined(__loongarch64)
constexpr std::string_view kRootType = "77055800-792c-4f94-b39a-98c91b762bb6";
#else
constexpr std::string_view kRootType; // roots have to be named
#endif

constexpr std::uint64_t kNoAuto = std::uint64_t{1} << 63U;

} // namespace

std::string_view root_type() noexcept {
    return kRootType;
}

std::string offsets_of(int number, const std::vector<PartitionEntry> &table) {
    std::string lines;
    for (const PartitionEntry &entry : table) {
        if (!entry.uuid.empty())
            lines += std::format("{}{}/{}", lines.empty() ? "" : "\n", entry.uuid,
                                 number - entry.number);
    }
    return lines;
}

bool holds_partition(const std::vector<PartitionEntry> &table, std::string_view uuid) {
    return !uuid.empty() && std::ranges::contains(table, uuid, &PartitionEntry::uuid);
}

std::string find_root_partition(const std::vector<PartitionEntry> &table) {
    const auto found = std::ranges::find_if(table, [](const PartitionEntry &entry) {
        return !kRootType.empty() && entry.type == kRootType && (entry.flags & kNoAuto) == 0;
    });
    return found == table.end() ? std::string() : found->uuid;
}

} // namespace slipway::coldplug
