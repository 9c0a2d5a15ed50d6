// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/places.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::size_t kMostInAClause = 4;

// "slot 1 (last seen as device 8:17)" → "slot 1"
std::string_view name_of(std::string_view place) {
    return place.substr(0, place.find(" ("));
}

} // namespace

void Places::add(std::string_view place, std::string_view places) {
    if (!place.empty())
        taken_.emplace_back(name_of(place));
    for (std::string &line : split_words(places, "\n")) {
        if (all_.size() == kMost)
            return;
        if (!std::ranges::contains(all_, name_of(line), name_of))
            all_.push_back(std::move(line));
    }
}

std::vector<std::string> Places::missing(std::size_t most) const {
    std::vector<std::string> found;
    std::ranges::copy_if(all_, std::back_inserter(found), [this](const std::string &place) {
        return !std::ranges::contains(taken_, name_of(place));
    });
    if (found.size() > most) {
        const std::size_t others = found.size() - most;
        found.resize(most);
        found.push_back(std::to_string(others) + " more");
    }
    return found;
}

std::string Places::missing_clause() const {
    const auto names = missing(kMostInAClause);
    if (names.empty())
        return {};
    return ", " + join(names, ", ") + (names.size() == 1 ? " is" : " are") + " missing";
}

} // namespace slipway
