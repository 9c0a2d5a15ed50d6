// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/daemon_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
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
#include "base/unique_fd.h"

namespace slipway::iscsi {

namespace {

constexpr std::size_t kMaxLine = 1024;

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return errno_failure("make a pipe", errno);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Where the program says that it is ready: an abstract socket, so that no file is left behind.
class NotifySocket {
public:
    [[nodiscard]] Result<> open() {
        name_ = std::format("slipway-iscsi-{}", ::getpid());
        fd_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (!fd_)
            return errno_failure("make a socket", errno);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(name_, address.sun_path + 1);
        const auto size =
            static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr *>(&address), size) != 0)
            return errno_failure("bind @" + name_, errno);
        return {};
    }
    [[nodiscard]] std::string environment() const { return "NOTIFY_SOCKET=@" + name_; }
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    // One message; does it say that the program is ready?
    [[nodiscard]] bool read_ready() const {
        std::array<char, 512> text{};
        const ssize_t size = ::recv(fd_.get(), text.data(), text.size(), MSG_DONTWAIT);
        if (size <= 0)
            return false;
        const auto lines =
            split_words(std::string_view(text.data(), static_cast<std::size_t>(size)), "\n");
        return std::ranges::contains(lines, "READY=1");
    }

private:
    std::string name_;
    UniqueFd fd_;
};

class Daemon {
public:
    Daemon(const std::vector<std::string> &argv, const std::function<void()> &ready,
           const std::function<void(std::string_view)> &say)
        : argv_(argv), ready_(ready), say_(say) {}

    Error run(std::chrono::milliseconds patience);

private:
    [[nodiscard]] Result<> start();
    void watch(std::chrono::milliseconds patience);
    void become_ready() {
        if (!std::exchange(is_ready_, true))
            ready_();
    }
    // False at the end of the stream.
    [[nodiscard]] bool read_output();
    [[nodiscard]] Error end();

    const std::vector<std::string> &argv_;
    const std::function<void()> &ready_;
    const std::function<void(std::string_view)> &say_;
    NotifySocket notify_;
    UniqueFd output_;
    UniqueFd process_;
    pid_t pid_ = -1;
    std::string line_;
    bool is_ready_ = false;
};

Result<> Daemon::start() {
    if (auto opened = notify_.open(); !opened)
        return opened;
    auto pipe = make_pipe();
    if (!pipe)
        return std::unexpected(std::move(pipe).error());
    std::vector<char *> argv;
    for (const std::string &word : argv_)
        argv.push_back(const_cast<char *>(word.c_str()));
    argv.push_back(nullptr);
    std::string notify = notify_.environment();
    std::vector<char *> environment = {notify.data()};
    for (char **variable = environ; *variable != nullptr; ++variable)
        environment.push_back(*variable);
    environment.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, pipe->write.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, pipe->write.get(), STDERR_FILENO);
    const int code = ::posix_spawn(&pid_, argv_.front().c_str(), &actions, nullptr, argv.data(),
                                   environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        return errno_failure("start " + argv_.front(), code);
    output_ = std::move(pipe->read);
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!process_)
        return errno_failure("watch " + argv_.front(), errno);
    return {};
}

bool Daemon::read_output() {
    std::array<char, 1024> block{};
    const ssize_t size = ::read(output_.get(), block.data(), block.size());
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

void Daemon::watch(std::chrono::milliseconds patience) {
    while (true) {
        std::array<pollfd, 3> polls = {
            {{notify_.fd(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}}};
        const int count =
            ::poll(polls.data(), polls.size(), is_ready_ ? -1 : static_cast<int>(patience.count()));
        if (count < 0 && errno != EINTR)
            return;
        if (count < 0)
            continue;
        if (polls[0].revents != 0 && notify_.read_ready())
            become_ready();
        if (polls[1].revents != 0 && !read_output())
            output_.reset();
        if (polls[2].revents != 0)
            return;
        if (count == 0)
            become_ready();
    }
}

Error Daemon::end() {
    while (output_ && read_output()) {
    }
    if (!line_.empty())
        say_(printable(line_, kMaxLine));
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) {
        if (errno != EINTR)
            return Error::from_errno("wait for " + argv_.front(), errno);
    }
    if (WIFSIGNALED(status))
        return Error(std::format("{} was killed by signal {}", argv_.front(), WTERMSIG(status)));
    return Error(std::format("{} ended with {}", argv_.front(), WEXITSTATUS(status)));
}

Error Daemon::run(std::chrono::milliseconds patience) {
    if (auto started = start(); !started) {
        if (pid_ > 0)
            (void)::kill(pid_, SIGTERM);
        return std::move(started).error();
    }
    watch(patience);
    return end();
}

} // namespace

Error run_daemon_process(const std::vector<std::string> &argv, const std::function<void()> &ready,
                         const std::function<void(std::string_view)> &say,
                         std::chrono::milliseconds patience) {
    return Daemon(argv, ready, say).run(patience);
}

} // namespace slipway::iscsi
