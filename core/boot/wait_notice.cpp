// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/wait_notice.h"

#include <algorithm>
#include <format>
#include <utility>

namespace slipway {

namespace {

// The part behind it changes all the time.
constexpr std::string_view kBeforeTimeLeft = "; ";
constexpr std::string_view kAbsent = " is not there";

std::string_view subject_of(std::string_view headline) {
    return headline.substr(0, headline.rfind(kBeforeTimeLeft));
}

} // namespace

std::string wait_line(std::string_view headline, Duration waited) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waited).count();
    const std::string_view subject = subject_of(headline);
    // "device X is not there; 12 s left" reads better as what is waited for.
    if (subject.ends_with(kAbsent))
        return std::format("slipway: waiting {} s for {}{}", seconds,
                           printable(subject.substr(0, subject.size() - kAbsent.size())),
                           printable(headline.substr(subject.size())));
    return std::format("slipway: waiting {} s: {}", seconds, printable(headline));
}

Result<> WaitNotice::start() {
    since_ = loop_.now();
    return wake_after(kFirst);
}

Result<> WaitNotice::wake_after(Duration time) {
    auto timer = loop_.at(loop_.now() + time, [this] { tick(); });
    if (!timer)
        return std::unexpected(std::move(timer).error());
    timer_ = std::move(*timer);
    return {};
}

// The timer that runs this is replaced in it, so nothing of it is used afterwards. Without a timer
// there is nothing more to say, which is no reason to disturb the boot.
void WaitNotice::tick() {
    (void)wake_after(look());
}

// Speaks if there is something to say; returns when to look again.
Duration WaitNotice::look() {
    const bool is_first_look = std::exchange(is_first_look_, false);
    const std::string headline = source_.may_speak() ? source_.headline() : std::string();
    const std::string_view subject = subject_of(headline);
    if (subject != subject_ || headline.empty()) {
        subject_ = subject;
        // What is waited for at the first look was waited for since the start, as far as we know.
        if (!is_first_look)
            since_ = loop_.now();
        if (!is_first_look || headline.empty())
            return kFirst;
    }
    const Duration waited = loop_.now() - since_;
    consoles_.write(wait_line(headline, waited) + "\n");
    return waited < kRhythm ? kRhythm - waited : kRhythm;
}

} // namespace slipway
