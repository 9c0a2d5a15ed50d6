// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::fs {

// One line of fstab(5), its escapes ("\040") decoded, not yet interpreted.
struct FstabEntry {
    unsigned line = 0;  // from 1
    std::string source; // "UUID=…", "/dev/…", "tmpfs"
    std::string target; // "/usr"
    std::string type;
    std::string options; // "" if the line has none
    unsigned passno = 0; // 0: no check

    [[nodiscard]] bool operator==(const FstabEntry &) const = default;
};

struct Fstab {
    std::vector<FstabEntry> entries;
    std::vector<std::string> problems; // "<file>:<line>: …remedy"
};

inline constexpr std::size_t kMaxFstabBytes = std::size_t{256} << 10U;
inline constexpr std::size_t kMaxFstabEntries = 1024;

// `file` stands in the problems. A malformed line is left out, the rest counts. libmount's parser
// is not used: it reads streams only, has no limits, and cannot say what is wrong with a line.
[[nodiscard]] Fstab parse_fstab(std::string_view file, std::string_view text);

} // namespace slipway::fs
