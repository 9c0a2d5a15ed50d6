// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/limited_run.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/argument_list.h"
#include "base/pipe.h"
#include "base/unique_fd.h"

namespace slipway::iscsi {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxErrors = 4096;

// A program whose standard error comes through a pipe.
class Program {
public:
    Program() = default;
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;
    Program(Program &&) = delete;
    Program &operator=(Program &&) = delete;
    // Nothing of it is left.
    ~Program() {
        if (pid_ > 0) {
            (void)::kill(pid_, SIGKILL);
            (void)reap();
        }
    }

    [[nodiscard]] bool start(const std::vector<std::string> &argv);
    // Whether it has ended.
    [[nodiscard]] bool watch_until(Clock::time_point end);
    [[nodiscard]] int reap();
    [[nodiscard]] std::string take_errors() { return std::move(errors_); }

private:
    // False at the end of the stream.
    [[nodiscard]] bool read_errors();

    UniqueFd output_;
    UniqueFd process_;
    pid_t pid_ = -1;
    std::string errors_;
};

bool Program::start(const std::vector<std::string> &argv) {
    auto pipe = make_pipe();
    if (!pipe)
        return false;
    output_ = std::move(pipe->read);
    const std::vector<char *> words = argument_list(argv);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, pipe->write.get(), STDERR_FILENO);
    const int code = ::posix_spawn(&pid_, words.front(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        pid_ = -1;
        return false;
    }
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    return static_cast<bool>(process_);
}

bool Program::read_errors() {
    std::array<char, 1024> block{};
    const ssize_t size = ::read(output_.get(), block.data(), block.size());
    if (size <= 0)
        return size < 0 && errno == EINTR;
    errors_.append(block.data(),
                   std::min(static_cast<std::size_t>(size), kMaxErrors - errors_.size()));
    return true;
}

bool Program::watch_until(Clock::time_point end) {
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0)
            return false;
        std::array<pollfd, 2> polls = {{{output_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}}};
        if (::poll(polls.data(), polls.size(), static_cast<int>(left.count())) < 0)
            continue; // a signal
        // What it wrote last is read before its end counts.
        if (polls[0].revents != 0) {
            if (!read_errors())
                output_.reset();
        } else if (polls[1].revents != 0) {
            return true;
        }
    }
}

int Program::reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

ProgramEnd run_limited(const std::vector<std::string> &argv, const RunLimits &limits,
                       const std::function<void()> &is_slow) {
    const Clock::time_point begin = Clock::now();
    Program program;
    if (!program.start(argv))
        return {.exit_code = -1, .errors = {}};
    bool has_ended = program.watch_until(begin + limits.slow);
    if (!has_ended) {
        is_slow();
        has_ended = program.watch_until(begin + limits.total);
    }
    ProgramEnd end{.exit_code = {}, .errors = program.take_errors()};
    if (has_ended)
        end.exit_code = program.reap();
    return end;
}

} // namespace slipway::iscsi
