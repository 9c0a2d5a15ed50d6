// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/service_requests.h"

#include <algorithm>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::string_view kFact = "systemd_wants";
constexpr std::size_t kMostTold = 1000; // names with numbers in them may come without end

} // namespace

ServiceRequests::ServiceRequests(const std::vector<Claim> &claims, Log &log) : log_(log) {
    for (const Claim &claim : claims)
        for (const auto &[key, pattern] : claim.match)
            if (key == kFact)
                patterns_.push_back(pattern);
}

void ServiceRequests::note(const Facts &facts) {
    for (const std::string &service : split_words(fact(facts, kFact), "\n")) {
        if (is_answered(service) || told_.size() >= kMostTold || !told_.insert(service).second)
            continue;
        log_.debug("a rule of udev asks for " + printable(service, 120) +
                   ", which nothing here answers; the host's systemd will see the request, too");
    }
}

bool ServiceRequests::is_answered(const std::string &service) const {
    return std::ranges::any_of(patterns_, [&service](const std::string &pattern) {
        return matches_pattern(pattern, service);
    });
}

} // namespace slipway
