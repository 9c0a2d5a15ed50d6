// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>

#include "base/secret.h"

namespace slipway {

// One line of typed input, byte by byte, without any terminal: what the tty's canonical mode would
// do, but the characters live in a Secret from the first one on, and escape sequences of arrow
// and function keys leave no bytes behind. Keys: backspace, ctrl-U (all), ctrl-W (a word),
// ctrl-C (cancel), ctrl-D (cancel when the line is empty), enter.
class LineEditor {
public:
    enum class State { editing, finished, cancelled };

    struct Step {
        State state = State::editing;
        std::string output; // for the terminal: the echo, or a bell when the line is full
    };

    // `echo`: what is typed is shown. Off: nothing at all is shown, not even its length.
    explicit LineEditor(bool echo = false) : echo_(echo) {}

    // After `finished` or `cancelled` further bytes are ignored.
    [[nodiscard]] Step feed(char byte);

    // What stands in the line as far as it may be seen: empty without echo.
    [[nodiscard]] std::string visible() const;

    // Gives the line away; the editor is as new.
    [[nodiscard]] Secret take();

private:
    // ESC was seen; "ESC [" (CSI) with its parameters; "ESC O" (SS3); the Linux console's
    // "ESC [ [", which one more byte ends: console_codes(4).
    enum class Escape { none, start, control_sequence, single_shift, linux_function_key };

    [[nodiscard]] bool is_part_of_escape(char byte);
    [[nodiscard]] std::string edit(char byte);
    [[nodiscard]] std::string type(char byte);
    [[nodiscard]] std::string erase_character();
    [[nodiscard]] std::string erase_word();
    [[nodiscard]] std::string erase_all();

    bool echo_;
    State state_ = State::editing;
    Escape escape_ = Escape::none;
    std::size_t escape_bytes_ = 0;
    Secret line_;
};

} // namespace slipway
