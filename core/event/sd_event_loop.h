// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <set>

#include "event/event_loop.h"

struct sd_event;

namespace slipway {

// The EventLoop of PID 1, on sd-event(3). Owned by main; sources may outlive it.
//
// Children: one watcher per process. Children that nobody watches, and orphans that the kernel
// hands to PID 1, are reaped silently. So call watch_child() in the same callback that forks, and
// do not use the process number of a child whose source was dropped: the loop reaps it.
//
// An exception that leaves a callback ends run() with an error, because it must not unwind C code.
class SdEventLoop final : public EventLoop {
public:
    // Blocks SIGCHLD, SIGTERM and SIGINT (what the kernel sends PID 1 for ctrl-alt-del after
    // reboot(RB_DISABLE_CAD)) and ignores SIGPIPE; children inherit both unless they undo it. The
    // destructor restores what it found.
    [[nodiscard]] static Result<std::unique_ptr<SdEventLoop>> create();
    SdEventLoop(const SdEventLoop &) = delete;
    SdEventLoop &operator=(const SdEventLoop &) = delete;
    SdEventLoop(SdEventLoop &&) = delete;
    SdEventLoop &operator=(SdEventLoop &&) = delete;
    ~SdEventLoop() override;

    [[nodiscard]] Result<EventSourcePtr>
    watch_fd(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) override;
    [[nodiscard]] Result<EventSourcePtr>
    watch_fd_first(int fd, std::uint32_t events,
                   std::function<void(std::uint32_t)> callback) override;
    [[nodiscard]] Result<EventSourcePtr> at(Duration when, std::function<void()> callback) override;
    // EEXIST when the child is watched already, ESRCH when there is no such process.
    [[nodiscard]] Result<EventSourcePtr>
    watch_child(pid_t pid, std::function<void(ChildExit)> callback) override;
    // One watcher per signal (EBUSY), and none for SIGCHLD, which the loop uses itself.
    [[nodiscard]] Result<EventSourcePtr> watch_signal(int signal,
                                                      std::function<void()> callback) override;
    [[nodiscard]] Result<EventSourcePtr> after_each_round(std::function<void()> callback) override;
    [[nodiscard]] Duration now() override;
    // May be called again after it has returned.
    [[nodiscard]] Result<int> run() override;
    void stop(int value) override;

private:
    // What C callbacks point to. Shared with the sources, which may outlive the loop.
    struct State {
        std::optional<int> stopped;
        std::exception_ptr thrown;
        std::set<pid_t> watched;

        void reap_orphans();
    };
    struct Callback;
    class Source;
    class ChildSource;

    explicit SdEventLoop(sd_event *event);
    [[nodiscard]] Result<std::unique_ptr<Source>>
    add_io(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback);
    void block_signals();
    [[nodiscard]] Result<> watch_orphans();

    sd_event *event_; // owned
    std::shared_ptr<State> state_;
    EventSourcePtr orphans_;
    sigset_t old_mask_{};
    struct sigaction old_pipe_{};
};

} // namespace slipway
