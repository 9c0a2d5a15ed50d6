// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/check_policy.h"

namespace slipway::fs {

// What a check would find, as far as that can be told without running a program.
struct CheckState {
    bool is_known = false;     // the superblock could be read and understood
    std::string reason;        // why a check is due; empty: clean
    bool journal_only = false; // mounting is enough
};

struct CheckRequest {
    std::string devnode;
    std::string type; // of the file system; empty: not known
    CheckMode mode = CheckMode::automatic;
    Repair repair = Repair::preen;
    std::string checker; // absolute path; empty: not in the image
};

struct CheckPlan {
    enum class Step : std::uint8_t {
        skip,  // nothing to do; `note` says why
        clean, // as good as a successful check
        run,   // `argv`
        warn,  // a check is due, but impossible: say so and go on
    };
    Step step = Step::skip;
    std::vector<std::string> argv;
    std::string note;
};

// Has this type a checker that does something? (handover contract: those of xfs and btrfs do not.)
[[nodiscard]] bool is_checkable(std::string_view type) noexcept;
[[nodiscard]] bool is_ext(std::string_view type) noexcept;

[[nodiscard]] CheckPlan plan_check(const CheckRequest &request, const CheckState &state);

struct CheckVerdict {
    enum class Kind : std::uint8_t { good, doubtful, bad };
    Kind kind = Kind::bad;
    std::string text; // for people
};

// By the exit code of fsck(8), or of a program that could not be started (-1) or was killed (128 +
// n).
[[nodiscard]] CheckVerdict judge_check(int exit_code, const std::vector<std::string> &argv);

} // namespace slipway::fs
