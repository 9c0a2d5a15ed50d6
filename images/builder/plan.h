// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// The modules that a host image loads at once, in groups that are loaded in parallel.
class Plan {
public:
    // A module that is in an earlier group already is not loaded twice.
    void add(std::string_view group, const std::vector<std::string> &modules);

    [[nodiscard]] bool empty() const noexcept { return groups_.empty(); }

    // The text of plan.toml: one instance of `unit`, as "modules@{group}", per group.
    [[nodiscard]] std::string to_toml(std::string_view unit) const;

private:
    std::vector<std::pair<std::string, std::vector<std::string>>> groups_;
};

} // namespace slipway
