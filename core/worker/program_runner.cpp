// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/program_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/argument_list.h"
#include "base/pipe.h"
#include "base/unique_fd.h"

namespace slipway {

namespace {

// posix_spawn's description of the child's descriptors and signals, with their destructors.
class SpawnPlan {
public:
    SpawnPlan() {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        // The worker ignores SIGPIPE; a program must not inherit that.
        sigset_t all_default;
        ::sigemptyset(&all_default);
        ::sigaddset(&all_default, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &all_default);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    }
    SpawnPlan(const SpawnPlan &) = delete;
    SpawnPlan &operator=(const SpawnPlan &) = delete;
    SpawnPlan(SpawnPlan &&) = delete;
    SpawnPlan &operator=(SpawnPlan &&) = delete;
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void connect(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
    void open_null(int to) {
        ::posix_spawn_file_actions_addopen(&actions_, to, "/dev/null", O_RDONLY, 0);
    }
    [[nodiscard]] Result<pid_t> spawn(const std::vector<std::string> &argv) const {
        const std::vector<char *> raw = argument_list(argv);
        pid_t pid = -1;
        const int error =
            ::posix_spawn(&pid, argv.front().c_str(), &actions_, &attributes_, raw.data(), environ);
        if (error != 0)
            return errno_failure("start " + argv.front(), error);
        return pid;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

// Reads what is there; false at the end of the stream.
bool drain(int fd, std::string &into, std::size_t limit) {
    std::array<char, 4096> block{};
    const ssize_t size = ::read(fd, block.data(), block.size());
    if (size < 0)
        return errno == EINTR || errno == EAGAIN;
    const std::size_t room = limit - std::min(limit, into.size());
    into.append(block.data(), std::min(room, static_cast<std::size_t>(size)));
    return size > 0;
}

// Writes a part of `rest`; false when there is no more to write or nobody reads.
bool feed(int fd, std::string_view &rest) {
    const ssize_t size = ::write(fd, rest.data(), rest.size());
    if (size < 0)
        return errno == EINTR || errno == EAGAIN;
    rest.remove_prefix(static_cast<std::size_t>(size));
    return !rest.empty();
}

struct Streams {
    UniqueFd input;
    UniqueFd output;
    UniqueFd errors;
};

void exchange(Streams streams, std::string_view input, ProgramResult &result) {
    (void)::fcntl(streams.input.get(), F_SETFL, O_NONBLOCK);
    if (input.empty())
        streams.input.reset();
    while (streams.output || streams.errors) {
        std::array<pollfd, 3> polls = {{{streams.output.get(), POLLIN, 0},
                                        {streams.errors.get(), POLLIN, 0},
                                        {streams.input.get(), POLLOUT, 0}}};
        if (::poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR)
            return;
        if (polls[0].revents != 0 && !drain(streams.output.get(), result.output, kMaxOutputBytes))
            streams.output.reset();
        if (polls[1].revents != 0 && !drain(streams.errors.get(), result.errors, kMaxErrorBytes))
            streams.errors.reset();
        if (polls[2].revents != 0 && !feed(streams.input.get(), input))
            streams.input.reset();
    }
}

int wait_for_exit(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

Result<ProgramResult> run_program(const std::vector<std::string> &argv,
                                  std::optional<std::string_view> input) {
    if (argv.empty() || !argv.front().starts_with('/'))
        return failure("a program to run must be named by its absolute path", EINVAL);
    auto in = make_pipe();
    auto out = make_pipe();
    auto err = make_pipe();
    if (!in || !out || !err)
        return errno_failure("make pipes for " + argv.front(), EMFILE);
    SpawnPlan plan;
    if (input)
        plan.connect(in->read.get(), STDIN_FILENO);
    else
        plan.open_null(STDIN_FILENO);
    plan.connect(out->write.get(), STDOUT_FILENO);
    plan.connect(err->write.get(), STDERR_FILENO);
    const auto pid = plan.spawn(argv);
    if (!pid)
        return std::unexpected(pid.error());
    in->read.reset();
    out->write.reset();
    err->write.reset();
    ProgramResult result;
    exchange({std::move(in->write), std::move(out->read), std::move(err->read)},
             input.value_or(std::string_view()), result);
    result.exit_code = wait_for_exit(*pid);
    return result;
}

} // namespace slipway
