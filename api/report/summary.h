// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/blame.h"
#include "report/boot_timeline.h"

namespace slipway::report {

struct LogLine {
    std::string level; // "error", "warning", "notice", "info", "debug"
    std::string text;
};

// Lines of log.txt ("<level>: <text>"); what is no such line is left out.
[[nodiscard]] std::vector<LogLine> parse_log(std::string_view text);

// One boot on one screen.
struct Summary {
    Duration kernel{0};
    Duration total{0};
    Duration asked{0}; // a person, all prompts together
    std::size_t jobs = 0;
    std::vector<Blame> longest;      // at most kLongest
    std::vector<Blame> not_done;     // units whose last run did not end well
    std::vector<LogLine> complaints; // warnings and errors
    std::string emergency;           // what stood on the screen, if there was one
};

inline constexpr std::size_t kLongest = 5;

// `emergency`: emergency.txt, or nothing.
[[nodiscard]] Summary summarise(const BootTimeline &timeline, std::string_view log,
                                std::string_view emergency);

// For a terminal; ends with a newline.
[[nodiscard]] std::string to_text(const Summary &summary);

} // namespace slipway::report
