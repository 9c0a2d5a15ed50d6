// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/sd_event_loop.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "base/unique_fd.h"

namespace slipway {

// One subscription's function. sd-event holds a plain pointer; the handlers take a share while
// they run, because the function may drop its own source.
struct SdEventLoop::Callback : std::enable_shared_from_this<Callback> {
    Callback(std::shared_ptr<State> loop_state, std::function<void(std::uint32_t)> callback)
        : state(std::move(loop_state)), function(std::move(callback)) {}

    std::shared_ptr<State> state;
    std::function<void(std::uint32_t)> function;

    static int call(void *userdata, std::uint32_t events) noexcept {
        const auto self = static_cast<Callback *>(userdata)->shared_from_this();
        try {
            self->function(events);
        } catch (...) {
            self->state->thrown = std::current_exception();
        }
        return 0;
    }
    static int on_io(sd_event_source *, int, std::uint32_t events, void *userdata) {
        return call(userdata, events);
    }
    static int on_time(sd_event_source *, std::uint64_t, void *userdata) {
        return call(userdata, 0);
    }
    static int on_signal(sd_event_source *, const signalfd_siginfo *, void *userdata) {
        return call(userdata, 0);
    }
    static int on_post(sd_event_source *, void *userdata) { return call(userdata, 0); }
};

class SdEventLoop::Source final : public EventSource {
public:
    Source(std::shared_ptr<State> state, std::function<void(std::uint32_t)> function)
        : callback_(std::make_shared<Callback>(std::move(state), std::move(function))) {}
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    Source(Source &&) = delete;
    Source &operator=(Source &&) = delete;
    ~Source() override { sd_event_source_disable_unref(source_); }

    [[nodiscard]] void *userdata() const noexcept { return callback_.get(); }
    [[nodiscard]] sd_event_source **slot() noexcept { return &source_; }

private:
    std::shared_ptr<Callback> callback_;
    sd_event_source *source_ = nullptr; // owned
};

// Watches a child through a pidfd, which stays the same process however numbers are reused.
class SdEventLoop::ChildSource final : public EventSource {
public:
    ChildSource(std::shared_ptr<State> state, pid_t pid, UniqueFd pidfd,
                std::function<void(ChildExit)> callback)
        : state_(std::move(state)), pid_(pid), pidfd_(std::move(pidfd)),
          callback_(std::make_shared<std::function<void(ChildExit)>>(std::move(callback))) {
        state_->watched.insert(pid_);
    }
    ChildSource(const ChildSource &) = delete;
    ChildSource &operator=(const ChildSource &) = delete;
    ChildSource(ChildSource &&) = delete;
    ChildSource &operator=(ChildSource &&) = delete;
    ~ChildSource() override { end(); }

    [[nodiscard]] Result<> start(sd_event *event) {
        auto io = std::make_unique<Source>(state_, [this](std::uint32_t) { on_exit(); });
        const int code = sd_event_add_io(event, io->slot(), pidfd_.get(), EPOLLIN, &Callback::on_io,
                                         io->userdata());
        if (code < 0)
            return errno_failure("watch process " + std::to_string(pid_), -code);
        io_ = std::move(io);
        return {};
    }

private:
    void on_exit() {
        siginfo_t info{};
        const auto pidfd = static_cast<id_t>(pidfd_.get());
        if (::waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0)
            return;
        // When somebody else reaped it (ECHILD) the end is reported all the same, as a failure.
        ChildExit exit{.pid = pid_, .code = CLD_EXITED, .status = EXIT_FAILURE};
        if (info.si_pid == pid_) {
            exit.code = info.si_code;
            exit.status = info.si_status;
        }
        end();
        // The callback may destroy this object: nothing of it is used any more.
        const auto callback = callback_;
        (*callback)(exit);
    }

    // A zombie of ours may have hidden orphans from the peek in reap_orphans().
    void end() {
        if (pidfd_) {
            io_.reset();
            pidfd_.reset();
            state_->watched.erase(pid_);
            state_->reap_orphans();
        }
    }

    std::shared_ptr<State> state_;
    pid_t pid_;
    UniqueFd pidfd_;
    std::shared_ptr<std::function<void(ChildExit)>> callback_;
    EventSourcePtr io_;
};

void SdEventLoop::State::reap_orphans() {
    while (true) {
        siginfo_t info{};
        // The peek tells whose zombie it is. A watched one is left to its pidfd, after which this
        // runs again; meanwhile it may hide others, which is harmless.
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0 ||
            watched.contains(info.si_pid))
            return;
        if (::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG) < 0)
            return;
    }
}

Result<std::unique_ptr<SdEventLoop>> SdEventLoop::create() {
    sd_event *event = nullptr;
    // A loop of its own rather than sd_event_default(): that one belongs to the thread.
    if (const int code = sd_event_new(&event); code < 0)
        return errno_failure("make an event loop", -code);
    std::unique_ptr<SdEventLoop> loop(new SdEventLoop(event));
    if (auto watched = loop->watch_orphans(); !watched)
        return std::unexpected(std::move(watched.error()));
    return loop;
}

SdEventLoop::SdEventLoop(sd_event *event) : event_(event), state_(std::make_shared<State>()) {
    block_signals();
}

SdEventLoop::~SdEventLoop() {
    orphans_.reset();
    sd_event_unref(event_);
    (void)::sigaction(SIGPIPE, &old_pipe_, nullptr);
    (void)::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

void SdEventLoop::block_signals() {
    sigset_t mask;
    sigemptyset(&mask);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT})
        sigaddset(&mask, signal);
    (void)::sigprocmask(SIG_BLOCK, &mask, &old_mask_);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    (void)::sigaction(SIGPIPE, &ignore, &old_pipe_);
}

Result<> SdEventLoop::watch_orphans() {
    auto source = watch_signal(SIGCHLD, [state = state_] { state->reap_orphans(); });
    if (!source)
        return std::unexpected(std::move(source.error()));
    orphans_ = std::move(*source);
    return {};
}

Result<std::unique_ptr<SdEventLoop::Source>>
SdEventLoop::add_io(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) {
    auto source = std::make_unique<Source>(state_, std::move(callback));
    const int code =
        sd_event_add_io(event_, source->slot(), fd, events, &Callback::on_io, source->userdata());
    if (code < 0)
        return errno_failure("watch file descriptor " + std::to_string(fd), -code);
    return source;
}

Result<EventSourcePtr> SdEventLoop::watch_fd(int fd, std::uint32_t events,
                                             std::function<void(std::uint32_t)> callback) {
    return add_io(fd, events, std::move(callback));
}

Result<EventSourcePtr> SdEventLoop::watch_fd_first(int fd, std::uint32_t events,
                                                   std::function<void(std::uint32_t)> callback) {
    auto source = add_io(fd, events, std::move(callback));
    if (!source)
        return std::unexpected(std::move(source.error()));
    const int code = sd_event_source_set_priority(*(*source)->slot(), SD_EVENT_PRIORITY_IMPORTANT);
    if (code < 0)
        return errno_failure("put file descriptor " + std::to_string(fd) + " first", -code);
    return std::move(*source);
}

Result<EventSourcePtr> SdEventLoop::at(Duration when, std::function<void()> callback) {
    // sd-event's own accuracy of 250 ms would be felt in a boot.
    constexpr std::uint64_t kAccuracyUsec = 1'000;
    auto source = std::make_unique<Source>(
        state_, [callback = std::move(callback)](std::uint32_t) { callback(); });
    const auto usec = static_cast<std::uint64_t>(std::max(when, Duration(0)).count());
    const int code = sd_event_add_time(event_, source->slot(), CLOCK_MONOTONIC, usec, kAccuracyUsec,
                                       &Callback::on_time, source->userdata());
    if (code < 0)
        return errno_failure("set a timer", -code);
    return source;
}

Result<EventSourcePtr> SdEventLoop::watch_child(pid_t pid,
                                                std::function<void(ChildExit)> callback) {
    if (state_->watched.contains(pid))
        return errno_failure("watch process " + std::to_string(pid), EEXIST);
    // Close-on-exec by itself: pidfd_open(2). Not through glibc, whose header lacks C linkage.
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd)
        return errno_failure("watch process " + std::to_string(pid), errno);
    auto source = std::make_unique<ChildSource>(state_, pid, std::move(pidfd), std::move(callback));
    if (auto started = source->start(event_); !started)
        return std::unexpected(std::move(started.error()));
    return source;
}

Result<EventSourcePtr> SdEventLoop::watch_signal(int signal, std::function<void()> callback) {
    auto source = std::make_unique<Source>(
        state_, [callback = std::move(callback)](std::uint32_t) { callback(); });
    const int code = sd_event_add_signal(event_, source->slot(), signal, &Callback::on_signal,
                                         source->userdata());
    if (code < 0)
        return errno_failure("watch signal " + std::to_string(signal), -code);
    return source;
}

Result<EventSourcePtr> SdEventLoop::after_each_round(std::function<void()> callback) {
    auto source = std::make_unique<Source>(
        state_, [callback = std::move(callback)](std::uint32_t) { callback(); });
    const int code =
        sd_event_add_post(event_, source->slot(), &Callback::on_post, source->userdata());
    if (code < 0)
        return errno_failure("hook into the event loop", -code);
    return source;
}

Duration SdEventLoop::now() {
    timespec time{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                                std::chrono::nanoseconds(time.tv_nsec));
}

Result<int> SdEventLoop::run() {
    while (!state_->stopped) {
        if (const int code = sd_event_run(event_, UINT64_MAX); code < 0 && code != -EINTR)
            return errno_failure("run the event loop", -code);
        if (!state_->thrown)
            continue;
        try {
            std::rethrow_exception(std::exchange(state_->thrown, nullptr));
        } catch (const std::exception &error) {
            return failure(std::string("an event callback threw: ") + error.what());
        } catch (...) {
            return failure("an event callback threw something that is not a std::exception");
        }
    }
    return *std::exchange(state_->stopped, std::nullopt);
}

void SdEventLoop::stop(int value) {
    state_->stopped = value;
}

} // namespace slipway
