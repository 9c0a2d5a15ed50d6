// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/candidate_rank.h"

#include <charconv>
#include <string_view>

namespace slipway {

namespace {

int number_of(const Facts &facts, std::string_view key) {
    const std::string_view text = fact(facts, key);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

} // namespace

CandidateRank rank_of(const Facts &facts) {
    return {.is_public = fact(facts, "private") != "1",
            .link_priority = number_of(facts, "link_priority"),
            .preference = number_of(facts, "preference")};
}

} // namespace slipway
