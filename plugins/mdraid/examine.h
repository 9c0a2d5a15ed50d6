// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::mdraid {

// One of the slots of an array, of which each disk with its data fills one.
struct Slot {
    unsigned number = 0;
    std::string last_seen{}; // "8:17", the device that filled it; "": only metadata 0.90 says that

    friend bool operator==(const Slot &, const Slot &) = default;
};

// What the superblock of one member says, mdadm(8) --examine.
struct Superblock {
    std::string uuid;  // of the array, four groups of eight digits with ':', in lower case
    std::string name;  // without the host's; empty: the metadata has none, or no name was given
    std::string level; // "raid1"; "container"
    // Members that take part when the array runs as it did last; 0: not known. An array that was
    // degraded when it was stopped has fewer than it was made for.
    unsigned active = 0;
    bool is_spare = false;
    bool is_container = false; // of IMSM or DDF metadata: the arrays are made of the container
    // The one that it fills. Spares and journals fill none, nor does the replacement of a disk that
    // still takes part.
    std::optional<unsigned> slot{};
    std::vector<Slot> slots{}; // of the members that are counted in `active`
};

// Of native metadata (0.90, 1.x): the output of `mdadm --examine`.
[[nodiscard]] Result<Superblock> parse_examine(std::string_view text);

// KEY=value lines, as of `mdadm --examine --export`, `--detail --export`, `--incremental --export`.
using Exported = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Exported parse_exported(std::string_view text);

// Of containers: what `mdadm --examine --export` says.
[[nodiscard]] Result<Superblock> container_of(const Exported &exported);

// Two spellings of one UUID: with ':' or '-', in either case.
[[nodiscard]] bool is_same_uuid(std::string_view first, std::string_view second);

} // namespace slipway::mdraid
