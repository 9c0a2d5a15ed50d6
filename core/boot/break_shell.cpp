// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/break_shell.h"

#include <format>
#include <utility>

#include "base/text.h"

namespace slipway {

std::string break_text(const BreakReport &report) {
    return std::format("\nslipway: the boot stops at the break \"{}\": {}\n",
                       printable(report.name), printable(report.description)) +
           text_section("What is waited for:", report.why) +
           text_section("What runs:", report.running) +
           "\nNo time limit of a wait runs meanwhile. Devices that appear are taken in.\n" +
           (report.needs_password ? "The shell wants the password of root. " : "") +
           "\"exit\" goes on with the boot.\n\n";
}

void BreakShell::enter(const BreakReport &report, std::function<void()> go_on) {
    is_open_ = true;
    go_on_ = std::move(go_on);
    log_.notice("the boot stops at the break \"" + report.name + "\"");
    consoles_.write(break_text(report));
    shells_.open("\nslipway: the boot goes on.\n",
                 [this](ConsoleShells::End end) { shells_ended(end); });
}

bool BreakShell::go_on_now() {
    if (is_open_)
        shells_.end();
    return is_open_;
}

void BreakShell::end_for(std::function<void()> next) {
    go_on_ = std::move(next);
    shells_.end();
}

void BreakShell::shells_ended(ConsoleShells::End end) {
    if (end == ConsoleShells::End::none_could)
        log_.error("no console can hold the shell of the break: the boot goes on");
    is_open_ = false;
    // A copy: what follows may be the next break.
    const auto go_on = std::exchange(go_on_, nullptr);
    go_on();
}

} // namespace slipway
