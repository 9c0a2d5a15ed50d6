// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "boot/terminal.h"
#include "event/event_loop.h"

namespace slipway {

// All consoles together: prompts, the emergency text and lines of status appear on each. (The log
// does not come this way: kmsg_sink.h.) Owned by main, in PID 1.
class Consoles {
public:
    // Per console. A slow line gets what fits; then a note in place of the text that was lost.
    static constexpr std::size_t kMaxPendingBytes = 64U << 10U;

    Consoles(EventLoop &loop, std::vector<std::unique_ptr<Terminal>> terminals);

    // Never blocks: what a console does not take now is kept and written when it can be. Control
    // characters pass: text from devices goes through printable() first.
    void write(std::string_view text);
    void write_to(std::size_t console, std::string_view text);

    // A line that stands below everything else until it is replaced: erased before other text, and
    // when it is set to "". Without a newline; only on consoles that can_redraw(). One that a slow
    // console has no room for is left out.
    void set_status(std::size_t console, std::string_view line);
    void clear_status();

    // Takes the consoles back from a shell: Terminal::reopen(). One that cannot be opened any more
    // stays as it is; writing to it does nothing.
    void reopen();

    [[nodiscard]] std::size_t count() const noexcept { return outputs_.size(); }
    [[nodiscard]] Terminal &terminal(std::size_t console) { return *outputs_[console]->terminal; }
    [[nodiscard]] const Terminal &terminal(std::size_t console) const {
        return *outputs_[console]->terminal;
    }
    // Nothing is kept back on any console (the kernel may still be sending).
    [[nodiscard]] bool is_flushed() const noexcept;

private:
    struct Output {
        std::unique_ptr<Terminal> terminal;
        std::string pending;
        bool has_lost_text = false;
        bool has_status = false; // the last thing written is a status line
        EventSourcePtr writable; // while something is pending; watches the terminal, so ends first
    };

    void add(Output &output, std::string_view text);
    void flush(Output &output);
    void wait_until_writable(Output &output);
    static void give_up(Output &output);

    EventLoop &loop_;
    std::vector<std::unique_ptr<Output>> outputs_; // callbacks hold their addresses
};

} // namespace slipway
