// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/sd_event_loop.h"

#include <cerrno>
#include <stdexcept>
#include <string>

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/unique_fd.h"

namespace slipway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

struct Pipe {
    Pipe() {
        int fds[2] = {-1, -1};
        EXPECT_EQ(::pipe(fds), 0);
        reader.reset(fds[0]);
        writer.reset(fds[1]);
    }
    void write(const char *text) const { EXPECT_GT(::write(writer.get(), text, 1), 0); }
    void read() const {
        char byte = 0;
        EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
    }
    UniqueFd reader;
    UniqueFd writer;
};

// Every test runs at most this long: a lost event ends the loop with this value.
constexpr int kTimedOut = -99;

class SdEventLoopTest : public testing::Test {
protected:
    SdEventLoopTest() : loop_(std::move(SdEventLoop::create().value())) {
        watchdog_ =
            loop_->at(loop_->now() + seconds(20), [this] { loop_->stop(kTimedOut); }).value();
    }

    template <class F>
    [[nodiscard]] static pid_t fork_child(F body) {
        const pid_t child = ::fork();
        EXPECT_GE(child, 0);
        if (child == 0) {
            body();
            ::_exit(0);
        }
        return child;
    }

    // Living ones count as well as zombies.
    [[nodiscard]] static bool has_children() {
        siginfo_t info{};
        return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    }

    std::unique_ptr<SdEventLoop> loop_;
    EventSourcePtr watchdog_;
};

TEST_F(SdEventLoopTest, ReportsAReadableDescriptorUntilItIsRead) {
    const Pipe pipe;
    int calls = 0;
    const auto source = loop_->watch_fd(pipe.reader.get(), EPOLLIN, [&](std::uint32_t events) {
        EXPECT_EQ(events, EPOLLIN);
        pipe.read();
        if (++calls == 2)
            loop_->stop(1);
    });
    ASSERT_TRUE(source);
    pipe.write("a");
    pipe.write("b");
    EXPECT_EQ(loop_->run().value(), 1);
    EXPECT_EQ(calls, 2);
}

TEST_F(SdEventLoopTest, RefusesADescriptorThatIsClosed) {
    const auto source = loop_->watch_fd(-1, EPOLLIN, [](std::uint32_t) {});
    ASSERT_FALSE(source);
    EXPECT_THAT(source.error().message(), HasSubstr("file descriptor -1"));
}

TEST_F(SdEventLoopTest, RunsTimersOnceAndInOrder) {
    std::string order;
    const Duration start = loop_->now();
    const auto second = loop_->at(start + milliseconds(20), [&] {
        order += 'b';
        loop_->stop(0);
    });
    const auto first = loop_->at(start + milliseconds(5), [&] { order += 'a'; });
    const auto past = loop_->at(start - seconds(1), [&] { order += '0'; });
    EXPECT_EQ(loop_->run().value(), 0);
    EXPECT_EQ(order, "0ab");
    EXPECT_GE(loop_->now() - start, milliseconds(20));
}

TEST_F(SdEventLoopTest, DoesNotRunATimerThatWasDropped) {
    auto dropped = loop_->at(loop_->now(), [&] { loop_->stop(1); });
    const auto end = loop_->at(loop_->now() + milliseconds(10), [&] { loop_->stop(0); });
    dropped->reset();
    EXPECT_EQ(loop_->run().value(), 0);
}

TEST_F(SdEventLoopTest, LetsACallbackDropItsOwnSource) {
    EventSourcePtr source;
    const std::string captured(1000, 'x'); // a copy in the callback must survive until it returns
    source = loop_
                 ->at(loop_->now(),
                      [this, &source, captured] {
                          source.reset();
                          loop_->stop(static_cast<int>(captured.size()));
                      })
                 .value();
    EXPECT_EQ(loop_->run().value(), 1000);
}

TEST_F(SdEventLoopTest, RunsTheHookAfterTheCallbacks) {
    std::string order;
    EventSourcePtr second;
    // The second timer is set in the hook: two that are due together may share one round.
    const auto hook = loop_->after_each_round([&] {
        order += '.';
        if (second)
            loop_->stop(0);
        else
            second = loop_->at(loop_->now(), [&] { order += 'b'; }).value();
    });
    const auto first = loop_->at(loop_->now(), [&] { order += 'a'; });
    EXPECT_EQ(loop_->run().value(), 0);
    EXPECT_EQ(order, "a.b.");
}

TEST_F(SdEventLoopTest, ReportsASignal) {
    const auto source = loop_->watch_signal(SIGTERM, [&] { loop_->stop(SIGTERM); });
    ASSERT_TRUE(source);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(loop_->run().value(), SIGTERM);
}

TEST_F(SdEventLoopTest, RefusesASignalThatIsNotBlocked) {
    EXPECT_FALSE(loop_->watch_signal(SIGUSR1, [] {}));
}

TEST_F(SdEventLoopTest, IgnoresSigpipe) {
    Pipe pipe;
    pipe.reader.reset();
    EXPECT_EQ(::write(pipe.writer.get(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
}

TEST_F(SdEventLoopTest, ReportsHowAChildEnded) {
    const pid_t exits = fork_child([] { ::_exit(7); });
    ChildExit end;
    auto source = loop_->watch_child(exits, [&](ChildExit exit) {
        end = exit;
        loop_->stop(0);
    });
    ASSERT_TRUE(source);
    EXPECT_EQ(loop_->run().value(), 0);
    EXPECT_EQ(end.pid, exits);
    EXPECT_EQ(end.code, CLD_EXITED);
    EXPECT_EQ(end.status, 7);

    const pid_t dies = fork_child([] { ::pause(); });
    source = loop_->watch_child(dies, [&](ChildExit exit) {
        end = exit;
        loop_->stop(0);
    });
    ::kill(dies, SIGKILL);
    EXPECT_EQ(loop_->run().value(), 0);
    EXPECT_EQ(end.code, CLD_KILLED);
    EXPECT_EQ(end.status, SIGKILL);
    EXPECT_FALSE(has_children());
}

TEST_F(SdEventLoopTest, LetsTheCallbackOfAChildDropItsSource) {
    EventSourcePtr source;
    const pid_t child = fork_child([] {});
    source = loop_
                 ->watch_child(child,
                               [&](ChildExit) {
                                   source.reset();
                                   loop_->stop(0);
                               })
                 .value();
    EXPECT_EQ(loop_->run().value(), 0);
}

TEST_F(SdEventLoopTest, HasOneWatcherPerChild) {
    const pid_t child = fork_child([] { ::pause(); });
    auto first = loop_->watch_child(child, [](ChildExit) {});
    ASSERT_TRUE(first);
    EXPECT_EQ(loop_->watch_child(child, [](ChildExit) {}).error().code(), EEXIST);
    first->reset();
    const auto again = loop_->watch_child(child, [&](ChildExit) { loop_->stop(0); });
    ASSERT_TRUE(again);
    ::kill(child, SIGKILL);
    EXPECT_EQ(loop_->run().value(), 0);
}

TEST_F(SdEventLoopTest, ReapsAChildThatNobodyWatches) {
    (void)fork_child([] {});
    const auto hook = loop_->after_each_round([&] {
        if (!has_children())
            loop_->stop(0);
    });
    EXPECT_EQ(loop_->run().value(), 0);
}

TEST_F(SdEventLoopTest, ReapsOrphansOfItsChildren) {
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    Pipe pipe;
    // The grandchild lives until the pipe is closed, which is after the child was reaped.
    (void)fork_child([&] {
        pipe.writer.reset();
        (void)fork_child([&] {
            char byte = 0;
            (void)!::read(pipe.reader.get(), &byte, 1);
        });
    });
    const auto hook = loop_->after_each_round([&] {
        pipe.writer.reset();
        if (!has_children())
            loop_->stop(0);
    });
    EXPECT_EQ(loop_->run().value(), 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(SdEventLoopTest, ReapsAZombieThatHidesBehindAWatchedOne) {
    const pid_t watched = fork_child([] { ::_exit(3); });
    int status = -1;
    const auto source = loop_->watch_child(watched, [&](ChildExit exit) { status = exit.status; });
    const pid_t unwatched = fork_child([] {});
    for (const pid_t child : {watched, unwatched}) {
        siginfo_t info{};
        ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    }
    // As if SIGCHLD, which arrived once for both, had been handled while the watched one was in
    // front.
    sigset_t child_signal;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    const timespec no_wait{};
    ASSERT_EQ(::sigtimedwait(&child_signal, nullptr, &no_wait), SIGCHLD);
    const auto hook = loop_->after_each_round([&] {
        if (!has_children())
            loop_->stop(0);
    });
    EXPECT_EQ(loop_->run().value(), 0);
    EXPECT_EQ(status, 3);
}

TEST_F(SdEventLoopTest, ReapsAZombieWhoseSourceIsDropped) {
    const pid_t child = fork_child([] {});
    auto source = loop_->watch_child(child, [](ChildExit) { FAIL(); });
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    source->reset();
    EXPECT_FALSE(has_children());
}

TEST_F(SdEventLoopTest, EndsWithAnErrorWhenACallbackThrows) {
    const auto timer = loop_->at(loop_->now(), [] { throw std::runtime_error("out of luck"); });
    const auto result = loop_->run();
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("out of luck"));
}

TEST_F(SdEventLoopTest, CanRunAgain) {
    auto timer = loop_->at(loop_->now(), [&] { loop_->stop(1); });
    EXPECT_EQ(loop_->run().value(), 1);
    timer = loop_->at(loop_->now(), [&] { loop_->stop(2); });
    EXPECT_EQ(loop_->run().value(), 2);
}

TEST_F(SdEventLoopTest, IsOutlivedByItsSources) {
    auto timer = loop_->at(loop_->now(), [] {});
    const pid_t child = fork_child([] {});
    auto watch = loop_->watch_child(child, [](ChildExit) {});
    watchdog_.reset();
    loop_.reset();
    timer->reset();
    watch->reset();
    ::waitpid(child, nullptr, 0);
}

TEST(SdEventLoop, RestoresTheSignalMaskWhenItEnds) {
    sigset_t mask;
    {
        const auto loop = SdEventLoop::create();
        ASSERT_TRUE(loop);
        ::sigprocmask(SIG_BLOCK, nullptr, &mask);
        EXPECT_EQ(sigismember(&mask, SIGINT), 1);
        EXPECT_EQ(sigismember(&mask, SIGCHLD), 1);
    }
    ::sigprocmask(SIG_BLOCK, nullptr, &mask);
    EXPECT_EQ(sigismember(&mask, SIGINT), 0);
}

} // namespace
} // namespace slipway
