// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/daemon_process.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <utility>

#include "base/text.h"
#include "system/child_program.h"
#include "system/ready_notices.h"

namespace slipway::iscsi {

namespace {

constexpr std::size_t kMaxLine = 1024;
// Shorter than what PID 1 leaves a worker that it ends, as there is something to do afterwards.
constexpr std::chrono::milliseconds kEndPatience(1000);

class Daemon {
public:
    Daemon(sdk::ChildProgram program, sdk::ReadyNotices notices, const std::function<void()> &ready,
           const std::function<void(std::string_view)> &say)
        : program_(std::move(program)), notices_(std::move(notices)), ready_(ready), say_(say) {}

    // Until it ends: why it did. Or until `stop` is readable: nothing.
    [[nodiscard]] std::optional<std::string> watch(int stop, std::chrono::milliseconds patience);

private:
    void become_ready() {
        if (!std::exchange(is_ready_, true))
            ready_();
    }
    // False when there is no more of it, now or at all.
    [[nodiscard]] bool read_output();

    sdk::ChildProgram program_;
    sdk::ReadyNotices notices_;
    const std::function<void()> &ready_;
    const std::function<void(std::string_view)> &say_;
    std::string line_;
    bool is_ready_ = false;
};

bool Daemon::read_output() {
    std::array<char, 1024> block{};
    const ssize_t size = ::read(program_.output(), block.data(), block.size());
    if (size <= 0)
        return size < 0 && errno == EINTR;
    for (const char c : std::string_view(block.data(), static_cast<std::size_t>(size))) {
        if (c != '\n' && line_.size() < kMaxLine)
            line_ += c;
        else if (c == '\n')
            say_(printable(std::exchange(line_, {}), kMaxLine));
    }
    return true;
}

std::optional<std::string> Daemon::watch(int stop, std::chrono::milliseconds patience) {
    bool has_output = true;
    while (true) {
        std::array<pollfd, 4> polls = {{{notices_.fd(), POLLIN, 0},
                                        {has_output ? program_.output() : -1, POLLIN, 0},
                                        {program_.pidfd(), POLLIN, 0},
                                        {stop, POLLIN, 0}}};
        const int count =
            ::poll(polls.data(), polls.size(), is_ready_ ? -1 : static_cast<int>(patience.count()));
        if (count < 0 && errno != EINTR)
            return std::format("cannot be watched: {}", std::strerror(errno));
        if (count < 0)
            continue;
        if (polls[0].revents != 0 && notices_.take_ready())
            become_ready();
        if (polls[1].revents != 0)
            has_output = read_output();
        if (polls[3].revents != 0)
            return std::nullopt;
        if (polls[2].revents != 0)
            break;
        if (count == 0)
            become_ready();
    }
    while (read_output()) {
    }
    if (!line_.empty())
        say_(printable(line_, kMaxLine));
    return program_.reap();
}

} // namespace

std::optional<Error> run_daemon_process(const std::vector<std::string> &argv, int stop,
                                        const std::function<void()> &ready,
                                        const std::function<void(std::string_view)> &say,
                                        std::chrono::milliseconds patience) {
    auto notices = sdk::ReadyNotices::open("iscsi");
    if (!notices)
        return std::move(notices).error();
    auto program = sdk::ChildProgram::start({.argv = argv,
                                             .environment = {notices->environment()},
                                             .has_output = true,
                                             .patience = kEndPatience});
    if (!program)
        return std::move(program).error();
    Daemon daemon(std::move(*program), std::move(*notices), ready, say);
    const auto end = daemon.watch(stop, patience);
    return end ? std::optional<Error>(std::format("{} {}", argv.front(), *end)) : std::nullopt;
}

} // namespace slipway::iscsi
