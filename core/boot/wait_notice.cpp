// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/wait_notice.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "base/line_fit.h"

namespace slipway {

namespace {

constexpr std::string_view kBeforeTimeLeft = "; ";
constexpr std::string_view kDevice = "device ";
constexpr std::string_view kAbsent = " is not there";
// Below this there is no sense in keeping the times: the whole line is cut.
constexpr std::size_t kLeastSubject = 16;

// console_codes(4): yellow, and back.
constexpr std::string_view kColour = "\033[33m";
constexpr std::string_view kPlain = "\033[0m";

// "device X is not there" reads better as what is waited for.
std::string subject_text(std::string_view subject) {
    const std::size_t absent = subject.find(kAbsent);
    if (!subject.starts_with(kDevice) || absent == std::string_view::npos)
        return std::string(subject);
    return std::string(subject.substr(0, absent)).append(subject.substr(absent + kAbsent.size()));
}

} // namespace

std::string wait_line(std::string_view headline, Duration waited, std::size_t columns) {
    const std::string clean = printable(headline);
    const std::string_view all = clean;
    const std::size_t end = std::min(all.rfind(kBeforeTimeLeft), all.size());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waited).count();
    const bool is_device = all.starts_with(kDevice) && all.contains(kAbsent);
    const std::string before =
        std::format("slipway: waiting {} s{} ", seconds, is_device ? " for" : ":");
    std::string subject = subject_text(all.substr(0, end));
    const std::string_view after = all.substr(end);
    if (columns == 0)
        return before + subject + std::string(after);
    const std::size_t taken = display_width(before) + display_width(after);
    if (columns >= taken + kLeastSubject)
        subject = fit_line(subject, columns - taken);
    return fit_line(before + subject + std::string(after), columns);
}

Duration next_wait_line(Duration waited) {
    using std::chrono::seconds;
    constexpr std::array<Duration, 5> kFirstLines = {seconds(2), seconds(5), seconds(10),
                                                     seconds(20), seconds(40)};
    constexpr Duration kLater = std::chrono::minutes(1);
    const auto *const next = std::ranges::upper_bound(kFirstLines, waited);
    return next != kFirstLines.end() ? *next : (waited / kLater + 1) * kLater;
}

WaitNotice::WaitNotice(EventLoop &loop, Consoles &consoles, Log &log, Source source)
    : loop_(loop), consoles_(consoles), log_(log), source_(std::move(source)) {
    // The kernel prints what is logged where the cursor is.
    log_.before_each([this] { consoles_.clear_status(); });
}

Result<> WaitNotice::start() {
    since_ = loop_.now();
    return wake_after(kFirst);
}

void WaitNotice::stop() {
    timer_.reset();
    consoles_.clear_status();
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
    look();
    (void)wake_after(kRhythm);
}

void WaitNotice::look() {
    const bool is_first_look = std::exchange(is_first_look_, false);
    if (!source_.may_speak()) {
        forget();
        return speak_aside();
    }
    const Waiting waiting = source_.waiting();
    if (waiting.headline.empty())
        return forget();
    if (waiting.subject != subject_ || waiting.begun_anew > since_)
        begin(waiting, is_first_look);
    if (loop_.now() - since_ >= kFirst)
        speak(waiting);
}

void WaitNotice::begin(const Waiting &waiting, bool is_first_look) {
    const bool is_the_same = waiting.subject == subject_;
    forget();
    subject_ = waiting.subject;
    // What is waited for at the first look was waited for since the start, as far as we know.
    if (!is_first_look)
        since_ = is_the_same ? waiting.begun_anew : loop_.now();
}

void WaitNotice::forget() {
    consoles_.clear_status();
    subject_.clear();
    told_hint_.clear();
    told_.clear();
    next_line_ = kFirst;
}

// Something that was not said of this wait before, as when the first try has failed. Not always:
// what changes all the time must not fill the screen.
bool WaitNotice::is_news(const std::string &headline) {
    constexpr std::size_t kMostNews = 6;
    return told_.size() < kMostNews &&
           told_.emplace(headline, 0, std::min(headline.rfind(kBeforeTimeLeft), headline.size()))
               .second;
}

void WaitNotice::speak(const Waiting &waiting) {
    const Duration waited = loop_.now() - since_;
    const bool is_line_due = is_news(waiting.headline) || waited >= next_line_;
    // Advice that changes all the time must not fill the screen.
    const bool is_new_hint =
        !waiting.hint.empty() && waiting.hint != told_hint_ && (told_hint_.empty() || is_line_due);
    const std::string hint = "slipway: " + printable(waiting.hint) + "\n";
    for (std::size_t console = 0; console < consoles_.count(); ++console) {
        const bool is_live = can_redraw(consoles_.terminal(console).path());
        if (!is_live && is_line_due)
            consoles_.write_to(console, wait_line(waiting.headline, waited) + "\n");
        if (is_new_hint)
            consoles_.write_to(console, hint);
        if (is_live)
            speak_live(console, waiting, waited);
    }
    if (is_new_hint)
        told_hint_ = waiting.hint;
    if (is_line_due)
        next_line_ = next_wait_line(waited);
}

// Once for each thing: the prompt says the rest.
void WaitNotice::speak_aside() {
    const std::string aside = source_.waiting().aside;
    if (!aside.empty() && aside != told_aside_)
        source_.speak_aside("slipway: " + printable(aside));
    told_aside_ = aside;
}

// One column stays free: a terminal that wraps there would make a second line, which nobody erases.
void WaitNotice::speak_live(std::size_t console, const Waiting &waiting, Duration waited) {
    const std::size_t columns = consoles_.terminal(console).columns();
    const std::string line =
        wait_line(waiting.headline, waited, std::max<std::size_t>(columns, 2) - 1);
    consoles_.set_status(console, std::string(kColour).append(line).append(kPlain));
}

} // namespace slipway
