// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "boot/console.h"
#include "boot/prompt_broker.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// A title and a line for each of `lines`, printable and indented; empty if there are none. Of the
// texts that stand above a shell.
[[nodiscard]] std::string text_section(std::string_view title,
                                       const std::vector<std::string> &lines);

// A shell on every console, with job control: a session of its own, whose terminal is the console.
// Whoever leaves one ends the others. Prompts are silent meanwhile. Used by emergencies and breaks,
// by one at a time.
class ConsoleShells {
public:
    enum class End {
        left,      // a person had a shell and left it, or end() was called
        none_could // no console could hold one
    };

    // All outlive this object.
    ConsoleShells(System &system, EventLoop &loop, Consoles &consoles, PromptBroker &prompts,
                  Log &log)
        : system_(system), loop_(loop), consoles_(consoles), prompts_(prompts), log_(log) {}

    // Shells come after the password of root from now on.
    void ask_for_password(bool is_wanted) noexcept { asks_for_password_ = is_wanted; }
    // What is to be started, with the environment for this terminal; nothing: the image lacks it.
    [[nodiscard]] std::optional<Program> program(const std::string &terminal);
    // Is there a shell in the image, and a console?
    [[nodiscard]] bool are_possible();
    // `ended` runs once, from the loop, with the consoles back, and if a person has left the shell
    // also the prompts, behind `farewell`. None_could may come at once. Only while is_open() is
    // false.
    void open(std::string farewell, std::function<void(End)> ended);
    // Ends the shells; what open() was given follows.
    void end();
    [[nodiscard]] bool is_open() const noexcept { return is_open_; }

private:
    struct Shell {
        pid_t process = -1;
        EventSourcePtr exit;
    };

    void start(const std::string &terminal);
    void shell_ended(const ChildExit &exit);
    void finish(End end);

    System &system_;
    EventLoop &loop_;
    Consoles &consoles_;
    PromptBroker &prompts_;
    Log &log_;
    bool asks_for_password_ = false;
    bool is_open_ = false;
    bool was_used_ = false; // one that a person could use has ended
    std::string farewell_;
    std::function<void(End)> ended_;
    std::vector<Shell> shells_; // one per console
};

} // namespace slipway
