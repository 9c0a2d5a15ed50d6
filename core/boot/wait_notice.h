// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "boot/console.h"
#include "engine/engine.h"
#include "event/event_loop.h"

namespace slipway {

// Tells on all consoles what a boot waits for, once it has waited for that for two seconds: what,
// for how long, the time left, and what helps.
//
//     slipway: is UUID=… right, and is that disk attached?
//     slipway: waiting 13 s for device UUID=…; 77 s left
//
// On virtual terminals the second line is live: written again each second, erased before anything
// else is written, and at the end. Other consoles get a line now and then, ever more rarely, and
// when the reason becomes another one; the advice below the first. Owned by the initrd, in PID 1; a
// boot that is faster pays for one timer.
class WaitNotice {
public:
    struct Source {
        std::function<Waiting()> waiting; // Engine::waiting()
        // False while somebody else has the console: a prompt, a shell, an emergency, a splash.
        std::function<bool()> may_speak;
        // Writes a line above a prompt.
        std::function<void(const std::string &line)> speak_aside;
    };

    static constexpr Duration kFirst = std::chrono::seconds(2);
    static constexpr Duration kRhythm = std::chrono::seconds(1);

    // All outlive this object.
    WaitNotice(EventLoop &loop, Consoles &consoles, Log &log, Source source);
    WaitNotice(const WaitNotice &) = delete;
    WaitNotice &operator=(const WaitNotice &) = delete;
    WaitNotice(WaitNotice &&) = delete;
    WaitNotice &operator=(WaitNotice &&) = delete;
    ~WaitNotice() { log_.before_each(nullptr); }

    // Counts from now. Error: the loop refuses the timer, and nothing will be said.
    [[nodiscard]] Result<> start();
    void stop();

private:
    [[nodiscard]] Result<> wake_after(Duration time);
    void tick();
    void look();
    void begin(const Waiting &waiting, bool is_first_look);
    void forget();
    [[nodiscard]] bool is_news(const std::string &headline);
    void speak(const Waiting &waiting);
    void speak_aside();
    void speak_live(std::size_t console, const Waiting &waiting, Duration waited);

    EventLoop &loop_;
    Consoles &consoles_;
    Log &log_;
    Source source_;
    bool is_first_look_ = true;
    std::string subject_; // of the wait
    Duration since_{0};
    std::string told_hint_; // of this wait
    std::string told_aside_;
    std::set<std::string, std::less<>>
        told_;                   // of this wait: what was said of it, without the times
    Duration next_line_{kFirst}; // of this wait: when consoles without a live line get one
    EventSourcePtr timer_;
};

// The line without its newline, not wider than `columns`: the middle of what is waited for is left
// out, not the times. 0: without limit. Pure.
[[nodiscard]] std::string wait_line(std::string_view headline, Duration waited,
                                    std::size_t columns = 0);

// When the next line of a wait is due that has lasted so long: after 2, 5, 10, 20, 40 s, then each
// minute. Pure.
[[nodiscard]] Duration next_wait_line(Duration waited);

} // namespace slipway
