// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <format>

namespace slipway::net {

namespace {

// In the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char *const *argv, pid_t parent, int output) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
        ::_exit(127);
    sigset_t none;
    (void)::sigemptyset(&none);
    (void)::signal(SIGPIPE, SIG_DFL);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
    (void)::dup2(output, STDOUT_FILENO);
    (void)::dup2(output, STDERR_FILENO);
    ::execv(argv[0], argv);
    ::_exit(126);
}

} // namespace

Result<ChildProgram> ChildProgram::start(const std::vector<std::string> &argv) {
    if (::access(argv.front().c_str(), X_OK) != 0)
        return errno_failure("start " + argv.front(), errno);
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return errno_failure("make a pipe for " + argv.front(), errno);
    UniqueFd log(ends[0]);
    const UniqueFd output(ends[1]);
    (void)::fcntl(log.get(), F_SETFL, O_NONBLOCK);
    std::vector<char *> raw;
    raw.reserve(argv.size() + 1);
    for (const std::string &word : argv)
        raw.push_back(const_cast<char *>(word.c_str()));
    raw.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0)
        become(raw.data(), parent, output.get());
    if (pid < 0)
        return errno_failure("start " + argv.front(), errno);
    // Nobody else reaps it, so the number stays its own. The header of older C libraries
    // is of no use to C++.
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
        const int code = errno;
        (void)::kill(pid, SIGKILL);
        (void)::waitpid(pid, nullptr, 0);
        return errno_failure("watch " + argv.front(), code);
    }
    return ChildProgram(std::move(pidfd), std::move(log));
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
    if (!ends_within(std::chrono::seconds(3)))
        send(SIGKILL);
    (void)reap();
}

} // namespace slipway::net
