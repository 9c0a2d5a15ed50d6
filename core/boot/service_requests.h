// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "unit/unit.h"

namespace slipway {

// Rules of udev ask for services of systemd (SYSTEMD_WANTS), which is not here. What they ask for
// is the fact `systemd_wants`, one name per line; a plugin answers to it with a claim, as to any
// fact. Names that no claim knows are told once, for who looks for the reason why something does
// not run.
class ServiceRequests {
public:
    // `log` outlives this object.
    ServiceRequests(const std::vector<Claim> &claims, Log &log);

    void note(const Facts &facts);

private:
    [[nodiscard]] bool is_answered(const std::string &service) const;

    Log &log_;
    std::vector<std::string> patterns_; // of the claims on the fact
    std::set<std::string> told_;
};

} // namespace slipway
