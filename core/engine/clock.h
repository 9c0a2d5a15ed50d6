// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/text.h"

namespace slipway {

// Runnable time: real time minus the time in which a prompt was open or an assembly was being
// started. Waits for devices and members are measured in it: nobody loses a boot by looking for the
// passphrase, and no array starts degraded while its other half is still being unlocked.
class RunnableClock {
public:
    [[nodiscard]] Duration at(Duration real) const noexcept {
        return (is_stopped() ? stopped_at_ : real) - lost_;
    }
    // The real time at which `runnable` will be reached if the clock is not stopped any more.
    [[nodiscard]] Duration to_real(Duration runnable) const noexcept { return runnable + lost_; }

    // Calls nest: several prompts may be open.
    void stop(Duration real) noexcept {
        if (stops_ == 0)
            stopped_at_ = real;
        ++stops_;
    }
    void resume(Duration real) noexcept {
        if (stops_ == 0)
            return;
        --stops_;
        if (stops_ == 0)
            lost_ += real - stopped_at_;
    }
    [[nodiscard]] bool is_stopped() const noexcept { return stops_ > 0; }

private:
    unsigned stops_ = 0;
    Duration stopped_at_{0};
    Duration lost_{0};
};

} // namespace slipway
