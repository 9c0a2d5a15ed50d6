// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/epoll.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "event/event_loop.h"

namespace slipway::test {

// An EventLoop with a hand-cranked clock. Strict: delivering something that nobody watches throws
// std::logic_error, which fails the test. Sources may outlive the loop.
class FakeEventLoop final : public EventLoop {
public:
    // `start`: what now() says at first.
    explicit FakeEventLoop(Duration start = Duration(0)) : now_(start) {}

    // Moves the clock, running the timers that become due in the order of their deadlines (equal
    // deadlines: the older timer first). now() is the deadline of the timer that runs.
    void advance(Duration by) {
        const Duration end = now_ + by;
        run_due_timers(end);
        now_ = end;
    }

    // `events` as epoll would report them; only bits that are watched (and EPOLLERR, EPOLLHUP,
    // which always are) reach the callbacks.
    void deliver_fd(int fd, std::uint32_t events = EPOLLIN) {
        const auto watchers = select(fds_, [fd](const FdWatch &watch) { return watch.fd == fd; });
        require(!watchers.empty(), "no source watches fd " + std::to_string(fd));
        for (const auto &watch : watchers) {
            const std::uint32_t seen = events & (watch->events | EPOLLERR | EPOLLHUP);
            if (watch->alive && seen != 0)
                watch->callback(seen);
        }
        end_round();
    }

    // `exit.pid` is set to `pid`. The subscription ends before the callback runs.
    void child_exited(pid_t pid, ChildExit exit) {
        exit.pid = pid;
        const auto watchers =
            select(children_, [pid](const ChildWatch &watch) { return watch.pid == pid; });
        require(!watchers.empty(), "no source watches child " + std::to_string(pid));
        std::erase_if(children_, [pid](const auto &watch) { return watch->pid == pid; });
        for (const auto &watch : watchers) {
            if (watch->alive)
                watch->callback(exit);
        }
        end_round();
    }

    void raise_signal(int signal) {
        const auto watchers =
            select(signals_, [signal](const SignalWatch &watch) { return watch.signal == signal; });
        require(!watchers.empty(), "no source watches signal " + std::to_string(signal));
        for (const auto &watch : watchers) {
            if (watch->alive)
                watch->callback();
        }
        end_round();
    }

    // Only the callbacks of after_each_round(), as after any other delivery.
    void end_round() {
        for (const auto &hook : select(hooks_, [](const Hook &) { return true; })) {
            if (hook->alive)
                hook->callback();
        }
    }

    [[nodiscard]] bool is_watching_fd(int fd) const {
        return !select(fds_, [fd](const FdWatch &watch) { return watch.fd == fd; }).empty();
    }
    [[nodiscard]] bool is_watching_child(pid_t pid) const {
        return !select(children_, [pid](const ChildWatch &w) { return w.pid == pid; }).empty();
    }
    [[nodiscard]] bool is_watching_signal(int signal) const {
        return !select(signals_, [signal](const SignalWatch &w) {
                    return w.signal == signal;
                }).empty();
    }
    [[nodiscard]] std::size_t timer_count() const {
        return select(timers_, [](const Timer &) { return true; }).size();
    }
    [[nodiscard]] std::optional<Duration> next_timer() const {
        const auto timer = earliest();
        return timer ? std::optional(timer->when) : std::nullopt;
    }
    // The value of the last stop(), if there was one.
    [[nodiscard]] std::optional<int> stopped() const noexcept { return stopped_; }

    [[nodiscard]] Result<EventSourcePtr>
    watch_fd(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) override {
        FdWatch watch;
        watch.fd = fd;
        watch.events = events;
        watch.callback = std::move(callback);
        return add(fds_, std::move(watch));
    }

    [[nodiscard]] Result<EventSourcePtr>
    watch_fd_first(int fd, std::uint32_t events,
                   std::function<void(std::uint32_t)> callback) override {
        return watch_fd(fd, events, std::move(callback));
    }

    [[nodiscard]] Result<EventSourcePtr> at(Duration when,
                                            std::function<void()> callback) override {
        Timer timer;
        timer.when = when;
        timer.callback = std::move(callback);
        return add(timers_, std::move(timer));
    }

    [[nodiscard]] Result<EventSourcePtr>
    watch_child(pid_t pid, std::function<void(ChildExit)> callback) override {
        ChildWatch watch;
        watch.pid = pid;
        watch.callback = std::move(callback);
        return add(children_, std::move(watch));
    }

    [[nodiscard]] Result<EventSourcePtr> watch_signal(int signal,
                                                      std::function<void()> callback) override {
        SignalWatch watch;
        watch.signal = signal;
        watch.callback = std::move(callback);
        return add(signals_, std::move(watch));
    }

    [[nodiscard]] Result<EventSourcePtr> after_each_round(std::function<void()> callback) override {
        Hook hook;
        hook.callback = std::move(callback);
        return add(hooks_, std::move(hook));
    }

    [[nodiscard]] Duration now() override { return now_; }

    // Runs timers, moving the clock from one to the next, until stop(); an error when nothing is
    // left that could ever happen.
    [[nodiscard]] Result<int> run() override {
        while (!stopped_) {
            const auto timer = earliest();
            if (!timer)
                return failure("the fake event loop has nothing left to run");
            run_due_timers(std::max(now_, timer->when));
        }
        return *std::exchange(stopped_, std::nullopt);
    }
    void stop(int value) override { stopped_ = value; }

private:
    struct Watch {
        bool alive = true;
    };
    struct FdWatch : Watch {
        int fd = -1;
        std::uint32_t events = 0;
        std::function<void(std::uint32_t)> callback;
    };
    struct Timer : Watch {
        Duration when{0};
        std::function<void()> callback;
    };
    struct ChildWatch : Watch {
        pid_t pid = -1;
        std::function<void(ChildExit)> callback;
    };
    struct SignalWatch : Watch {
        int signal = 0;
        std::function<void()> callback;
    };
    struct Hook : Watch {
        std::function<void()> callback;
    };

    // The callback lives in the watch, which the running delivery shares: a callback may drop its
    // own source.
    class FakeSource final : public EventSource {
    public:
        explicit FakeSource(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
        FakeSource(const FakeSource &) = delete;
        FakeSource &operator=(const FakeSource &) = delete;
        FakeSource(FakeSource &&) = delete;
        FakeSource &operator=(FakeSource &&) = delete;
        ~FakeSource() override { watch_->alive = false; }

    private:
        std::shared_ptr<Watch> watch_;
    };

    template <class T>
    using Watches = std::vector<std::shared_ptr<T>>;

    template <class T>
    static EventSourcePtr add(Watches<T> &watches, T watch) {
        std::erase_if(watches, [](const auto &old) { return !old->alive; });
        watches.push_back(std::make_shared<T>(std::move(watch)));
        return std::make_unique<FakeSource>(watches.back());
    }

    // A copy, because callbacks add and drop sources.
    template <class T, class Predicate>
    static Watches<T> select(const Watches<T> &watches, Predicate matches) {
        Watches<T> selected;
        for (const auto &watch : watches) {
            if (watch->alive && matches(*watch))
                selected.push_back(watch);
        }
        return selected;
    }

    static void require(bool condition, const std::string &message) {
        if (!condition)
            throw std::logic_error("fake event loop: " + message);
    }

    [[nodiscard]] std::shared_ptr<Timer> earliest() const {
        const auto timers = select(timers_, [](const Timer &) { return true; });
        const auto first =
            std::ranges::min_element(timers, {}, [](const auto &timer) { return timer->when; });
        return first == timers.end() ? nullptr : *first;
    }

    void run_due_timers(Duration end) {
        for (auto timer = earliest(); timer && timer->when <= end; timer = earliest()) {
            now_ = std::max(now_, timer->when);
            std::erase(timers_, timer);
            timer->callback();
            end_round();
        }
    }

    Duration now_;
    std::optional<int> stopped_;
    Watches<FdWatch> fds_;
    Watches<Timer> timers_;
    Watches<ChildWatch> children_;
    Watches<SignalWatch> signals_;
    Watches<Hook> hooks_;
};

} // namespace slipway::test
