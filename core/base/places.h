// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The places in an assembly that its members tell of with the facts `place` and `places`
// (docs/plugins.md): which of them nobody has taken names what is missing. Members that disagree,
// since some missed changes, are all believed. Pure.
class Places {
public:
    // More are not looked at: whoever plugs in disks decides how many a superblock lists.
    static constexpr std::size_t kMost = 256;

    // What one member says: the place that it takes itself ("": none), and one line for each place
    // that has to be taken. What stands in brackets behind a place's name is told with it.
    void add(std::string_view place, std::string_view places);

    // In the order in which they were told of. If there are more than `most`, the last line counts
    // the others: "3 more".
    [[nodiscard]] std::vector<std::string> missing(std::size_t most) const;
    // ", slot 1 is missing", to be put behind a sentence; "": none is, or nothing is known.
    [[nodiscard]] std::string missing_clause() const;

private:
    std::vector<std::string> taken_;
    std::vector<std::string> all_; // as they were told, each name once
};

} // namespace slipway
