// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>

namespace slipway::iscsi {

// How many lines of a program may be shown: whoever it talks to decides how often it complains, and
// a console is slow. So many in each stretch of time; the others are counted.
class LineBudget {
public:
    using Clock = std::chrono::steady_clock;

    LineBudget(std::size_t lines, Clock::duration stretch) : lines_(lines), stretch_(stretch) {}

    struct Verdict {
        bool is_shown = false;
        std::size_t left_out = 0; // of the stretch before, to be said once
    };
    [[nodiscard]] Verdict take(Clock::time_point now) {
        Verdict verdict;
        if (!has_begun_ || now - begin_ >= stretch_) {
            verdict.left_out = used_ > lines_ ? used_ - lines_ : 0;
            begin_ = now;
            used_ = 0;
            has_begun_ = true;
        }
        verdict.is_shown = ++used_ <= lines_;
        return verdict;
    }

private:
    std::size_t lines_;
    Clock::duration stretch_;
    Clock::time_point begin_;
    std::size_t used_ = 0;
    bool has_begun_ = false;
};

} // namespace slipway::iscsi
