// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/console_shells.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::array kShells = {"/bin/sh", "/usr/bin/sh"};
// Asks for the password and becomes the shell.
constexpr const char *kLogin = "/usr/lib/slipway/shell-login";

std::optional<std::string> find_shell(System &system) {
    const auto *shell = std::ranges::find_if(
        kShells, [&system](const char *path) { return system.is_executable(path); });
    return shell == kShells.end() ? std::nullopt : std::optional<std::string>(*shell);
}

} // namespace

std::string text_section(std::string_view title, const std::vector<std::string> &lines) {
    if (lines.empty())
        return {};
    std::string text = std::format("\n{}\n", title);
    for (const std::string &line : lines)
        text += std::format("  {}\n", printable(line));
    return text;
}

std::optional<Program> ConsoleShells::program(const std::string &terminal) {
    const auto shell = find_shell(system_);
    if (!shell || (asks_for_password_ && !system_.is_executable(kLogin)))
        return std::nullopt;
    Program program = {.path = *shell,
                       .arguments = {"sh", "-i"},
                       .environment = {"TERM=" + terminal_type(terminal), "HOME=/",
                                       "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "PS1=slipway:$PWD# "}};
    if (asks_for_password_) {
        program.path = kLogin;
        program.arguments = {"shell-login"};
    }
    return program;
}

bool ConsoleShells::are_possible() {
    return consoles_.count() > 0 && program(consoles_.terminal(0).path()).has_value();
}

void ConsoleShells::open(std::string farewell, std::function<void(End)> ended) {
    is_open_ = true;
    was_used_ = false;
    farewell_ = std::move(farewell);
    ended_ = std::move(ended);
    prompts_.suspend();
    for (std::size_t console = 0; console < consoles_.count(); ++console)
        start(consoles_.terminal(console).path());
    if (shells_.empty())
        finish(End::none_could);
}

void ConsoleShells::start(const std::string &terminal) {
    const auto shell = program(terminal);
    if (!shell)
        return;
    const auto process = system_.spawn_on_terminal(*shell, terminal);
    if (!process) {
        log_.warning("no shell on " + terminal + ": " + process.error().message());
        return;
    }
    auto exit =
        loop_.watch_child(*process, [this](const ChildExit &status) { shell_ended(status); });
    if (!exit) {
        // Without the watch nobody would know when to go on.
        log_.warning("no shell on " + terminal + ": " + exit.error().message());
        (void)system_.send_signal(*process, SIGKILL);
        return;
    }
    shells_.push_back({*process, std::move(*exit)});
}

void ConsoleShells::end() {
    was_used_ = was_used_ || is_open_;
    // A shell's foreground jobs get a hangup from the kernel when their session ends.
    for (const Shell &shell : shells_)
        (void)system_.send_signal(shell.process, SIGKILL);
}

void ConsoleShells::shell_ended(const ChildExit &exit) {
    const bool was_usable = exit.code != CLD_EXITED || exit.status != System::kTerminalUnusable;
    std::erase_if(shells_, [&exit](const Shell &shell) { return shell.process == exit.pid; });
    if (was_usable && !was_used_)
        end();
    if (shells_.empty())
        finish(was_used_ ? End::left : End::none_could);
}

void ConsoleShells::finish(End end) {
    consoles_.reopen();
    is_open_ = false;
    // Moved out: what it does may open the next shells.
    const auto ended = std::exchange(ended_, nullptr);
    if (end == End::left) {
        consoles_.write(farewell_);
        prompts_.resume();
    }
    ended(end);
}

} // namespace slipway
