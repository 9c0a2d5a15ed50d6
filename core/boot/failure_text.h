// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/text.h"

// What is kept of a boot that failed, for the next one: small, without secrets, text. Pure.
//
//     slipway-failure 1
//     time 2026-02-03T04:05:06Z          only if the clock is plausible
//     after 12 s                         since the machine started
//     what the real root is not there
//     why switch-root failed: …          further lines of it
//     help Is UUID=… right? …
//     cmdline root=UUID=… quiet
//     decision start fsck-sysroot        the last ones
//     log error: …                       the last ones
//     end
namespace slipway {

struct FailureParts {
    std::int64_t realtime_usec = 0;
    Duration uptime{0};
    std::string headline;
    std::vector<std::string> why;
    std::vector<std::string> remedies;
    std::string command_line;                   // redacted
    std::string_view record = {};               // of which the decisions are taken
    const std::deque<LogRecord> *log = nullptr; // nullptr: none
};

inline constexpr std::string_view kFailureMagic = "slipway-failure 1\n";

// At most `max_bytes`, which must be at least 512. What has no room is left out: of the chain the
// end, of decisions and log the older ones.
[[nodiscard]] std::string failure_text(const FailureParts &parts, std::size_t max_bytes);

} // namespace slipway
