// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/log.h"
#include "boot/console.h"
#include "boot/console_shells.h"

namespace slipway {

// What a person finds who asked for a break.
struct BreakReport {
    std::string name;                 // "pre-mount", as asked for
    std::string description;          // "before …"
    std::vector<std::string> why;     // the chain from the goal to what is missing, a line each
    std::vector<std::string> running; // jobs, a line each
    bool needs_password = false;      // of root, before the shell
};

// The whole screen, ending with a newline. Pure.
[[nodiscard]] std::string break_text(const BreakReport &report);

// The shells of a break: rd.break=, break=. Whether one may open at all is the caller's business.
// Owned by the initrd, in PID 1.
class BreakShell {
public:
    // All outlive this object.
    BreakShell(Consoles &consoles, ConsoleShells &shells, Log &log)
        : consoles_(consoles), shells_(shells), log_(log) {}

    // `go_on` runs once, from the loop: when the shell ended, go_on_now() was called, or no console
    // can hold a shell, which is logged.
    void enter(const BreakReport &report, std::function<void()> go_on);
    // A person asks for it elsewhere. False: no break is open.
    bool go_on_now();
    // Somebody else needs the consoles: ends the shells, then `next` runs in place of `go_on`.
    void end_for(std::function<void()> next);
    [[nodiscard]] bool is_open() const noexcept { return is_open_; }

private:
    void shells_ended(ConsoleShells::End end);

    Consoles &consoles_;
    ConsoleShells &shells_;
    Log &log_;
    bool is_open_ = false;
    std::function<void()> go_on_;
};

} // namespace slipway
