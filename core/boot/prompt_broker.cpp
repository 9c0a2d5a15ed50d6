// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/prompt_broker.h"

#include <sys/epoll.h>

#include <algorithm>
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
        consoles_.write("\n");
    }
    queue_.erase(entry);
    if (was_shown)
        show();
}

void PromptBroker::suspend() {
    if (is_shown_) {
        hide();
        consoles_.write("\n");
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
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        consoles_.write_to(console, "\r" + question() + lines_[console].visible());
}

std::string PromptBroker::question() const {
    return printable(queue_.front().prompt.message, kMaxMessageBytes) + ": ";
}

void PromptBroker::show() {
    if (queue_.empty() || is_suspended_)
        return;
    is_shown_ = true;
    start_input();
    lines_.clear();
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        lines_.emplace_back(queue_.front().prompt.echo);
    consoles_.write(question());
    watch_input();
    arm_timeout();
}

void PromptBroker::hide() {
    if (!is_shown_)
        return;
    is_shown_ = false;
    timeout_.reset();
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
    consoles_.write("\n");
    Callback callback = std::move(queue_.front().callback);
    queue_.pop_front();
    show();
    callback({status, std::move(secret)});
}

} // namespace slipway
