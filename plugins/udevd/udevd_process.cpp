// SPDX-License-Identifier: LGPL-2.1-or-later
#include "udevd_process.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway::udevd {

namespace {

using Clock = std::chrono::steady_clock;

struct Notices {
    UniqueFd socket;
    std::string address; // as NOTIFY_SOCKET has it: "@" stands for the zero byte in front
};

// In the abstract namespace: nothing is left in the file system.
Result<Notices> open_notices() {
    Notices notices;
    notices.address = std::format("@slipway/udevd/{}", ::getpid());
    notices.socket = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(std::string_view(notices.address).substr(1), &address.sun_path[1]);
    const auto size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notices.address.size());
    if (!notices.socket ||
        ::bind(notices.socket.get(), reinterpret_cast<const sockaddr *>(&address), size) != 0)
        return errno_failure("open a socket for the notices of udevd", errno);
    return notices;
}

// In the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char *const *argv, char *const *environment, pid_t parent) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
        ::_exit(127);
    sigset_t none;
    (void)::sigemptyset(&none);
    (void)::signal(SIGPIPE, SIG_DFL);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(argv[0], argv, environment);
    ::_exit(126);
}

std::vector<char *> pointers_to(std::vector<std::string> &words) {
    std::vector<char *> raw;
    raw.reserve(words.size() + 1);
    for (std::string &word : words)
        raw.push_back(word.data());
    raw.push_back(nullptr);
    return raw;
}

// Readable ones of the two within the limit; a negative limit waits for ever.
struct Readable {
    bool first = false;
    bool second = false;
};
Readable wait_for(int first, int second, std::chrono::milliseconds limit) {
    std::array<pollfd, 2> polls{pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
    int count = 0;
    do
        count = ::poll(polls.data(), polls.size(), static_cast<int>(limit.count()));
    while (count < 0 && errno == EINTR);
    return {.first = polls[0].revents != 0, .second = polls[1].revents != 0};
}

} // namespace

bool says_ready(std::string_view message) {
    return std::ranges::contains(split_words(message, "\n"), "READY=1");
}

Result<UdevdProcess> UdevdProcess::start(const std::vector<std::string> &argv) {
    if (::access(argv.front().c_str(), X_OK) != 0)
        return errno_failure("start " + argv.front(), errno);
    auto notices = open_notices();
    if (!notices)
        return std::unexpected(std::move(notices.error()));
    std::vector<std::string> words = argv;
    // Errors only: without users every rule that names a group is a warning. rd.udev.log_level=
    // wins over this.
    std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                            "SYSTEMD_LOG_TARGET=kmsg", "SYSTEMD_LOG_LEVEL=err",
                                            "NOTIFY_SOCKET=" + notices->address};
    const auto raw_words = pointers_to(words);
    const auto raw_environment = pointers_to(environment);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0)
        become(raw_words.data(), raw_environment.data(), parent);
    if (pid < 0)
        return errno_failure("start " + argv.front(), errno);
    // Nobody else reaps it, so the number stays its own. The header of older C libraries is of no
    // use to C++.
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
        const int code = errno;
        (void)::kill(pid, SIGKILL);
        (void)::waitpid(pid, nullptr, 0);
        return errno_failure("watch " + argv.front(), code);
    }
    return UdevdProcess(std::move(pidfd), std::move(notices->socket));
}

void UdevdProcess::send(int signal) const {
    if (pidfd_)
        (void)::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0);
}

std::string UdevdProcess::reap() {
    siginfo_t end{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &end, WEXITED) != 0 &&
           errno == EINTR) {
    }
    pidfd_.reset();
    return end.si_code == CLD_EXITED ? std::format("has ended with exit code {}", end.si_status)
                                     : std::format("was killed by signal {}", end.si_status);
}

Result<> UdevdProcess::wait_until_ready(std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    while (true) {
        const auto left =
            std::max(std::chrono::milliseconds(0),
                     std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()));
        const Readable readable = wait_for(notices_.get(), pidfd_.get(), left);
        if (readable.first) {
            std::array<char, 4096> buffer;
            const ssize_t size = ::recv(notices_.get(), buffer.data(), buffer.size(), 0);
            if (size > 0 && says_ready({buffer.data(), static_cast<std::size_t>(size)}))
                return {};
        } else if (readable.second) {
            return failure(reap());
        } else {
            return failure(
                std::format("did not say within {} s that it is ready",
                            std::chrono::duration_cast<std::chrono::seconds>(limit).count()));
        }
    }
}

std::string UdevdProcess::wait_for_end(int stop) {
    const Readable readable = wait_for(stop, pidfd_.get(), std::chrono::milliseconds(-1));
    return readable.first || !readable.second ? std::string() : reap();
}

UdevdProcess::~UdevdProcess() {
    if (!pidfd_)
        return;
    send(SIGTERM);
    if (!wait_for(pidfd_.get(), -1, kPatience).first)
        send(SIGKILL);
    (void)reap();
}

} // namespace slipway::udevd
