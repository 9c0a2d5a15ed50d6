// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/debug_shell.h"

#include <csignal>
#include <utility>

namespace slipway {

void DebugShell::start(Program program, std::string terminal) {
    program_ = std::move(program);
    terminal_ = std::move(terminal);
    log_.notice("a debug shell is on " + terminal_);
    spawn();
}

void DebugShell::spawn() {
    const auto process = system_.spawn_on_terminal(program_, terminal_);
    if (!process)
        return log_.warning("no debug shell on " + terminal_ + ": " + process.error().message());
    process_ = *process;
    auto exit = loop_.watch_child(process_, [this](const ChildExit &status) { ended(status); });
    if (exit)
        exit_ = std::move(*exit);
}

void DebugShell::ended(const ChildExit &exit) {
    process_ = -1;
    if (exit.code == CLD_EXITED && exit.status == System::kTerminalUnusable)
        return log_.warning("no debug shell on " + terminal_ + ": the terminal cannot be used");
    // Not at once: one that ends by itself would keep the machine busy.
    auto timer = loop_.at(loop_.now() + kPause, [this] { spawn(); });
    if (timer)
        timer_ = std::move(*timer);
}

void DebugShell::stop() {
    timer_.reset();
    exit_.reset();
    if (process_ > 0)
        (void)system_.send_signal(std::exchange(process_, -1), SIGKILL);
}

} // namespace slipway
