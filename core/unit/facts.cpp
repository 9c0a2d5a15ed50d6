// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/facts.h"

#include <algorithm>

namespace slipway {

bool fact_has_line(const Facts &facts, std::string_view key, std::string_view line) {
    std::string_view rest = fact(facts, key);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (rest.substr(0, end) == line)
            return true;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}

std::string expand_facts(std::string_view pattern, const Facts &facts) {
    std::string text;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        const std::size_t close = pattern.find('}', open == std::string_view::npos ? 0 : open);
        if (open == std::string_view::npos || close == std::string_view::npos)
            break;
        text += pattern.substr(0, open);
        text += fact(facts, pattern.substr(open + 1, close - open - 1));
        pattern.remove_prefix(close + 1);
    }
    return text.append(pattern);
}

} // namespace slipway
