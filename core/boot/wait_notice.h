// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "boot/console.h"
#include "event/event_loop.h"

namespace slipway {

// "slipway: waiting 13 s for device UUID=…; 77 s left": a line on all consoles when a boot has
// waited for one thing for three seconds, and every ten seconds from then on. Owned by the initrd,
// in PID 1; a boot that is faster pays for one timer.
class WaitNotice {
public:
    struct Source {
        // What is waited for and the time left, as Engine::headline() says it; "" for nothing.
        std::function<std::string()> headline;
        // False while somebody else has the console: a prompt, a shell, an emergency.
        std::function<bool()> may_speak;
    };

    static constexpr Duration kFirst = std::chrono::seconds(3);
    static constexpr Duration kRhythm = std::chrono::seconds(10);

    // Both outlive this object.
    WaitNotice(EventLoop &loop, Consoles &consoles, Source source)
        : loop_(loop), consoles_(consoles), source_(std::move(source)) {}

    // Counts from now. Error: the loop refuses the timer, and nothing will be said.
    [[nodiscard]] Result<> start();
    void stop() { timer_.reset(); }

private:
    [[nodiscard]] Result<> wake_after(Duration time);
    void tick();
    [[nodiscard]] Duration look();

    EventLoop &loop_;
    Consoles &consoles_;
    Source source_;
    bool is_first_look_ = true;
    std::string subject_; // of the wait: the headline without the time left
    Duration since_{0};
    EventSourcePtr timer_;
};

// The line without its newline. Pure.
[[nodiscard]] std::string wait_line(std::string_view headline, Duration waited);

} // namespace slipway
