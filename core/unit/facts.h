// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace slipway {

// What is known about a device: key to value. Sorted, so that dumps and decisions do not depend on
// the order of arrival. List-valued facts hold one value per line.
using Facts = std::map<std::string, std::string, std::less<>>;

// The value of `key`, or "" if there is none.
[[nodiscard]] inline std::string_view fact(const Facts &facts, std::string_view key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string_view() : std::string_view(found->second);
}

// Is `line` one of the lines of the list-valued fact `key`?
[[nodiscard]] bool fact_has_line(const Facts &facts, std::string_view key, std::string_view line);

// Replaces each {key} in `pattern` by the fact of that name.
[[nodiscard]] std::string expand_facts(std::string_view pattern, const Facts &facts);

} // namespace slipway
