// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands that change a running boot: answer, retry, skip, continue.
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/live_options.h"
#include "live/live_json.h"

namespace slipway::cli {

namespace {

struct ControlOptions {
    LiveOptions live;
    std::string object; // a unit, or the number of a question
};

int report_done(const ControlOptions &options, std::string_view what, const Result<> &done) {
    if (!done)
        return report_failure(done.error().message());
    return options.live.json ? print_result(live::done_json(what, options.object)) : kExitOk;
}

// Nothing that is typed is shown, until this object ends.
class SilentTerminal {
public:
    SilentTerminal() {
        if (::tcgetattr(STDIN_FILENO, &old_) != 0)
            return;
        termios silent = old_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_silent_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    SilentTerminal(const SilentTerminal &) = delete;
    SilentTerminal &operator=(const SilentTerminal &) = delete;
    SilentTerminal(SilentTerminal &&) = delete;
    SilentTerminal &operator=(SilentTerminal &&) = delete;
    ~SilentTerminal() {
        if (!is_silent_)
            return;
        (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &old_);
        (void)std::fputc('\n', stderr);
    }
    [[nodiscard]] bool is_silent() const noexcept { return is_silent_; }

private:
    termios old_{};
    bool is_silent_ = false;
};

// One line of standard input, byte by byte, so that it is nowhere but in locked memory.
Result<Secret> read_line() {
    Secret secret;
    char byte = 0;
    while (true) {
        const ssize_t size = ::read(STDIN_FILENO, &byte, 1);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno_failure("read the answer", errno);
        if (size == 0 || byte == '\n')
            return secret;
        if (!secret.append(byte))
            return failure("the answer is longer than 4096 bytes");
    }
}

Result<Secret> ask(const std::string &text) {
    if (::isatty(STDIN_FILENO) != 1)
        return read_line();
    const SilentTerminal terminal;
    if (!terminal.is_silent())
        return failure("what is typed would be seen: the terminal cannot be set to silence");
    (void)std::fputs((printable(text, 500) + ": ").c_str(), stderr);
    return read_line();
}

// The question of that number, or the one that can be answered now.
const live::Prompt *find_prompt(const live::Status &status, const std::string &number) {
    const auto found = std::ranges::find_if(status.prompts, [&number](const live::Prompt &prompt) {
        return number.empty() ? prompt.is_shown : std::to_string(prompt.number) == number;
    });
    return found == status.prompts.end() ? nullptr : &*found;
}

int run_answer(live::LiveClient &client, const ControlOptions &options) {
    const auto status = client.status();
    if (!status)
        return report_failure(status.error().message());
    const live::Prompt *prompt = find_prompt(*status, options.object);
    if (prompt == nullptr)
        return report_failure(options.object.empty()
                                  ? "nothing is asked now"
                                  : "there is no question " + printable(options.object, 40) +
                                        "; slipway status shows those that there are");
    // Before it is read: it must not be sent.
    if (!status->answers_refused.empty())
        return report_failure(status->answers_refused);
    const auto secret = ask(prompt->text);
    if (!secret)
        return report_failure(secret.error().message());
    return report_done(options, "answer", client.answer(prompt->path, *secret));
}

int run_retry(live::LiveClient &client, const ControlOptions &options) {
    return report_done(options, "retry", client.retry(options.object));
}

int run_skip(live::LiveClient &client, const ControlOptions &options) {
    return report_done(options, "skip", client.skip(options.object));
}

int run_continue(live::LiveClient &client, const ControlOptions &options) {
    return report_done(options, "continue", client.go_on());
}

Run command(const std::shared_ptr<ControlOptions> &options,
            int (*run)(live::LiveClient &, const ControlOptions &)) {
    return [options, run] {
        return with_boot(options->live,
                         [&](live::LiveClient &client) { return run(client, *options); });
    };
}

} // namespace

Run declare_answer(CLI::App &app) {
    auto options = std::make_shared<ControlOptions>();
    app.add_option("NUMBER", options->object, "of the question [the one that is asked now]")
        ->check(CLI::NonNegativeNumber);
    declare_live_options(app, options->live);
    app.footer("The answer is read from the terminal without showing it, or a line of standard "
               "input.\nExample:\n  slipway answer </run/passphrase");
    return command(options, run_answer);
}

Run declare_retry(CLI::App &app) {
    auto options = std::make_shared<ControlOptions>();
    app.add_option("UNIT", options->object, "a unit that has failed")->required();
    declare_live_options(app, options->live);
    app.footer("What failed because of it is tried again with it.\nExample:\n  slipway retry "
               "sysroot");
    return command(options, run_retry);
}

Run declare_skip(CLI::App &app) {
    auto options = std::make_shared<ControlOptions>();
    app.add_option("UNIT", options->object, "what the boot goes on without")->required();
    declare_live_options(app, options->live);
    app.footer("The unit counts as ready, whatever it waits for.\nExample:\n  slipway skip resume");
    return command(options, run_skip);
}

Run declare_continue(CLI::App &app) {
    auto options = std::make_shared<ControlOptions>();
    declare_live_options(app, options->live);
    app.footer("Leaves a break (rd.break=).\nExample:\n  slipway continue");
    return command(options, run_continue);
}

} // namespace slipway::cli
