// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <format>

#include "base/argument_list.h"
#include "base/pipe.h"

namespace slipway::sdk {

namespace {

// In the child, between fork and exec: async-signal-safe calls only. `output`: -1 for none.
[[noreturn]] void become(char *const *argv, char *const *environment, pid_t parent, int output) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
        ::_exit(127);
    sigset_t none;
    (void)::sigemptyset(&none);
    (void)::signal(SIGPIPE, SIG_IGN);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (output >= 0) {
        (void)::dup2(output, STDOUT_FILENO);
        (void)::dup2(output, STDERR_FILENO);
    }
    ::execve(argv[0], argv, environment);
    ::_exit(126);
}

// Borrows from the options.
std::vector<char *> environment_of(const ChildOptions &options) {
    std::vector<char *> variables = argument_list(options.environment);
    if (!options.inherits_environment)
        return variables;
    variables.pop_back();
    for (char **variable = environ; *variable != nullptr; ++variable)
        variables.push_back(*variable);
    variables.push_back(nullptr);
    return variables;
}

} // namespace

Result<ChildProgram> ChildProgram::start(const ChildOptions &options) {
    const std::string &path = options.argv.front();
    if (::access(path.c_str(), X_OK) != 0)
        return errno_failure("start " + path, errno);
    Pipe pipe;
    if (options.has_output) {
        auto made = make_pipe();
        if (!made)
            return std::unexpected(std::move(made).error().with_context("start " + path));
        pipe = std::move(*made);
        (void)::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
    }
    const std::vector<char *> words = argument_list(options.argv);
    const std::vector<char *> environment = environment_of(options);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0)
        become(words.data(), environment.data(), parent, pipe.write.get());
    if (pid < 0)
        return errno_failure("start " + path, errno);
    // Nobody else reaps it, so the number stays its own. The header of older C libraries is of no
    // use to C++.
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
        const int code = errno;
        (void)::kill(pid, SIGKILL);
        (void)::waitpid(pid, nullptr, 0);
        return errno_failure("watch " + path, code);
    }
    return ChildProgram(std::move(pidfd), std::move(pipe.read), options.patience);
}

void ChildProgram::send(int signal) const {
    if (pidfd_)
        (void)::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0);
}

std::string ChildProgram::reap() {
    siginfo_t end{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &end, WEXITED) != 0 &&
           errno == EINTR) {
    }
    pidfd_.reset();
    return end.si_code == CLD_EXITED ? std::format("has ended with exit code {}", end.si_status)
                                     : std::format("was killed by signal {}", end.si_status);
}

bool ChildProgram::ends_within(std::chrono::milliseconds limit) const {
    pollfd poll{pidfd_.get(), POLLIN, 0};
    int count = 0;
    do
        count = ::poll(&poll, 1, static_cast<int>(limit.count()));
    while (count < 0 && errno == EINTR);
    return count > 0;
}

ChildProgram::~ChildProgram() {
    if (!pidfd_)
        return;
    send(SIGTERM);
    if (!ends_within(patience_))
        send(SIGKILL);
    (void)reap();
}

} // namespace slipway::sdk
