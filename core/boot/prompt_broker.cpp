// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/prompt_broker.h"

#include <sys/epoll.h>

#include <algorithm>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

// More than a few screen lines of question serve nobody; the text may come from a disk's label.
constexpr std::size_t kMaxMessageBytes = 512;

} // namespace

PromptBroker::PromptBroker(EventLoop &loop, Consoles &consoles, Log &log)
    : loop_(loop), consoles_(consoles), log_(log) {}

PromptBroker::~PromptBroker() {
    hide();
    stop_input();
}

PromptId PromptBroker::open(Prompt prompt, Callback callback) {
    queue_.push_back({++last_id_, std::move(prompt), std::move(callback)});
    if (!is_shown_)
        show();
    return last_id_;
}

void PromptBroker::withdraw(PromptId id) {
    const auto entry = std::ranges::find(queue_, id, &Entry::id);
    if (entry == queue_.end())
        return;
    const bool was_shown = is_shown_ && entry == queue_.begin();
    if (was_shown) {
        hide();
        end_line();
    }
    queue_.erase(entry);
    if (was_shown)
        show();
}

void PromptBroker::answer(PromptId id, PromptAnswer answer) {
    const auto entry = std::ranges::find(queue_, id, &Entry::id);
    if (entry == queue_.end())
        return;
    if (is_shown_ && entry == queue_.begin())
        return finish(answer.status, std::move(answer.secret));
    const Callback callback = std::move(entry->callback);
    queue_.erase(entry);
    callback(std::move(answer));
}

void PromptBroker::suspend() {
    if (is_shown_) {
        hide();
        end_line();
    }
    stop_input();
    is_suspended_ = true;
}

void PromptBroker::resume() {
    is_suspended_ = false;
    if (!is_shown_)
        show();
}

void PromptBroker::redraw() {
    if (!is_shown_)
        return;
    if (!is_written_)
        return write_question();
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        draw(console);
}

void PromptBroker::write_above(std::string_view line) {
    if (!is_written_)
        return;
    consoles_.write("\n" + std::string(line) + "\n");
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        draw(console);
}

void PromptBroker::draw(std::size_t console) {
    consoles_.write_to(console, "\r" + question() + lines_[console].visible());
}

void PromptBroker::write_question() {
    if (is_splash_shown_ && is_splash_shown_())
        return;
    is_written_ = true;
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        consoles_.write_to(console, question() + lines_[console].visible());
}

void PromptBroker::end_line() {
    if (std::exchange(is_written_, false))
        consoles_.write("\n");
}

std::string PromptBroker::question() const {
    const Prompt &prompt = queue_.front().prompt;
    std::string text = printable(prompt.message, kMaxMessageBytes);
    if (prompt.timeout) {
        // As wide as at the beginning: what is typed behind it stays where it is.
        const auto whole = std::chrono::ceil<std::chrono::seconds>(*prompt.timeout).count();
        text += std::format(" ({:>{}} s)", seconds_left(), std::to_string(whole).size());
    }
    return text + ": ";
}

std::int64_t PromptBroker::seconds_left() const {
    const Duration left = *queue_.front().prompt.timeout - (loop_.now() - shown_since_);
    return std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(left).count(), 0);
}

bool PromptBroker::counts_every_second(std::size_t console) const {
    return terminal_type(consoles_.terminal(console).path()) == "linux";
}

// The next moment in which some console shows another number.
void PromptBroker::arm_countdown() {
    countdown_.reset();
    const Duration end = shown_since_ + *queue_.front().prompt.timeout;
    std::int64_t next = seconds_left() - 1;
    bool is_needed_each_second = false;
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        is_needed_each_second |= counts_every_second(console);
    if (!is_needed_each_second)
        next -= next % kSerialRhythm;
    if (next <= 0)
        return;
    auto timer = loop_.at(end - std::chrono::seconds(next), [this] { count_down(); });
    if (timer)
        countdown_ = std::move(*timer);
}

void PromptBroker::count_down() {
    const bool is_serial_turn = seconds_left() % kSerialRhythm == 0;
    if (!is_written_)
        write_question();
    for (std::size_t console = 0; is_written_ && console < consoles_.count(); ++console) {
        if (!is_serial_turn && !counts_every_second(console))
            continue;
        if (question().size() + lines_[console].visible().size() <= kLineWidth)
            draw(console);
    }
    arm_countdown();
}

void PromptBroker::show() {
    if (queue_.empty() || is_suspended_)
        return;
    is_shown_ = true;
    start_input();
    lines_.clear();
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        lines_.emplace_back(queue_.front().prompt.echo);
    watch_input();
    arm_timeout();
    write_question();
    const Prompt &prompt = queue_.front().prompt;
    if (outlet_ != nullptr && !prompt.is_from_agent)
        outlet_->shown(queue_.front().id, prompt,
                       prompt.timeout ? std::optional(shown_since_ + *prompt.timeout)
                                      : std::nullopt);
}

void PromptBroker::hide() {
    if (!is_shown_)
        return;
    is_shown_ = false;
    if (outlet_ != nullptr)
        outlet_->hidden();
    timeout_.reset();
    countdown_.reset();
    readers_.clear();
    lines_.clear();
    if (auto &timeout = queue_.front().prompt.timeout)
        timeout = std::max(*timeout - (loop_.now() - shown_since_), Duration(0));
}

void PromptBroker::start_input() {
    if (std::exchange(has_input_, true))
        return;
    for (std::size_t console = 0; console < consoles_.count(); ++console) {
        if (const auto started = consoles_.terminal(console).start_input(); !started)
            log_.warning("typed input may be seen: " + started.error().message());
    }
}

void PromptBroker::stop_input() {
    if (!std::exchange(has_input_, false))
        return;
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        consoles_.terminal(console).stop_input();
}

void PromptBroker::watch_input() {
    readers_.clear();
    for (std::size_t console = 0; console < consoles_.count(); ++console) {
        auto source = loop_.watch_fd(consoles_.terminal(console).fd(), EPOLLIN,
                                     [this, console](std::uint32_t) { read_input(console); });
        if (!source)
            log_.warning("no answer can be given on " + consoles_.terminal(console).path() + ": " +
                         source.error().message());
        readers_.push_back(source ? std::move(*source) : nullptr);
    }
}

void PromptBroker::arm_timeout() {
    shown_since_ = loop_.now();
    const auto &timeout = queue_.front().prompt.timeout;
    if (!timeout)
        return;
    auto source =
        loop_.at(shown_since_ + *timeout, [this] { finish(AnswerStatus::timed_out, Secret()); });
    if (source)
        timeout_ = std::move(*source);
    else
        log_.warning("a prompt stays without its limit of time: " + source.error().message());
    arm_countdown();
}

void PromptBroker::read_input(std::size_t console) {
    // Bounded: somebody who leans on a key must not keep the loop from its other work. The rest
    // is still readable and brings us back.
    constexpr int kMaxBytesPerRound = 256;
    for (int i = 0; i < kMaxBytesPerRound; ++i) {
        const auto byte = consoles_.terminal(console).read_byte();
        if (!byte) {
            // Gone: without this, the loop would wake for it again and again.
            readers_[console].reset();
            log_.warning("no more answers from this console: " + byte.error().message());
            return;
        }
        const std::optional<char> key = *byte;
        if (!key)
            return;
        const LineEditor::Step step = lines_[console].feed(*key);
        if (!step.output.empty())
            consoles_.write_to(console, step.output);
        if (step.state == LineEditor::State::finished)
            return finish(AnswerStatus::answered, lines_[console].take());
        if (step.state == LineEditor::State::cancelled)
            return finish(AnswerStatus::cancelled, Secret());
    }
}

// The next question is on the screen before the caller hears of this answer, so that whatever the
// caller does finds the broker in order.
void PromptBroker::finish(AnswerStatus status, Secret secret) {
    hide();
    end_line();
    Callback callback = std::move(queue_.front().callback);
    queue_.pop_front();
    show();
    callback({status, std::move(secret)});
}

} // namespace slipway
