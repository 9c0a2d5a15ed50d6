// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/console.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

// To the beginning of the line, and everything behind it gone (console_codes(4)).
constexpr std::string_view kErase = "\r\033[K";
constexpr std::string_view kLossNote = "\n(text is missing here: this console is too slow)\n";

} // namespace

Consoles::Consoles(EventLoop &loop, std::vector<std::unique_ptr<Terminal>> terminals)
    : loop_(loop) {
    for (std::unique_ptr<Terminal> &terminal : terminals) {
        outputs_.push_back(std::make_unique<Output>());
        outputs_.back()->terminal = std::move(terminal);
    }
}

void Consoles::write(std::string_view text) {
    for (std::size_t console = 0; console < outputs_.size(); ++console)
        write_to(console, text);
}

void Consoles::write_to(std::size_t console, std::string_view text) {
    Output &output = *outputs_[console];
    if (std::exchange(output.has_status, false))
        add(output, kErase);
    add(output, text);
}

void Consoles::set_status(std::size_t console, std::string_view line) {
    Output &output = *outputs_[console];
    // An update that would have to wait behind another one is of no use.
    if (!output.pending.empty() || (line.empty() && !output.has_status))
        return;
    output.has_status = !line.empty();
    add(output, std::string(kErase).append(line));
}

void Consoles::clear_status() {
    for (const auto &output : outputs_) {
        if (std::exchange(output->has_status, false))
            add(*output, kErase);
    }
}

void Consoles::add(Output &output, std::string_view text) {
    if (output.pending.size() + text.size() > kMaxPendingBytes) {
        output.has_lost_text = true;
        return;
    }
    output.pending += text;
    if (output.writable == nullptr)
        flush(output);
}

void Consoles::reopen() {
    for (const auto &output : outputs_) {
        output->writable.reset();
        output->has_status = false; // whoever had the console has written on
        (void)output->terminal->reopen();
        flush(*output);
    }
}

bool Consoles::is_flushed() const noexcept {
    return std::ranges::all_of(outputs_,
                               [](const auto &output) { return output->pending.empty(); });
}

void Consoles::flush(Output &output) {
    while (!output.pending.empty()) {
        const auto written = output.terminal->write(output.pending);
        if (!written)
            return give_up(output);
        if (*written == 0)
            return wait_until_writable(output);
        output.pending.erase(0, *written);
        if (output.pending.empty() && std::exchange(output.has_lost_text, false))
            output.pending = kLossNote;
    }
    output.writable.reset();
}

void Consoles::wait_until_writable(Output &output) {
    if (output.writable != nullptr)
        return;
    auto source = loop_.watch_fd(output.terminal->fd(), EPOLLOUT,
                                 [this, &output](std::uint32_t) { flush(output); });
    if (!source)
        return give_up(output);
    output.writable = std::move(*source);
}

// The console is gone (unplugged, hung up). The next text tries again.
void Consoles::give_up(Output &output) {
    output.pending.clear();
    output.has_lost_text = false;
    output.writable.reset();
}

} // namespace slipway
