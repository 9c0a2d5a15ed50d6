// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/fake_event_loop.h"

#include <sys/epoll.h>
#include <sys/wait.h>

#include <gmock/gmock.h>

namespace slipway::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

TEST(FakeEventLoop, RunsTimersInTheOrderOfTheirDeadlines) {
    FakeEventLoop loop;
    std::vector<std::pair<char, Duration>> seen;
    const auto late = loop.at(seconds(2), [&] { seen.emplace_back('b', loop.now()); });
    const auto early = loop.at(seconds(1), [&] { seen.emplace_back('a', loop.now()); });
    const auto never = loop.at(seconds(9), [&] { seen.emplace_back('c', loop.now()); });
    loop.advance(seconds(5));
    EXPECT_THAT(seen, ElementsAre(std::pair('a', Duration(seconds(1))),
                                  std::pair('b', Duration(seconds(2)))));
    EXPECT_EQ(loop.now(), seconds(5));
    EXPECT_EQ(loop.next_timer(), seconds(9));
}

TEST(FakeEventLoop, DeliversOnlyWatchedEvents) {
    FakeEventLoop loop;
    std::vector<std::uint32_t> seen;
    auto source = loop.watch_fd(7, EPOLLIN, [&](std::uint32_t events) { seen.push_back(events); });
    loop.deliver_fd(7, EPOLLIN | EPOLLOUT);
    loop.deliver_fd(7, EPOLLOUT);
    loop.deliver_fd(7, EPOLLHUP);
    EXPECT_THAT(seen, ElementsAre(EPOLLIN, EPOLLHUP));
    source->reset();
    EXPECT_THROW(loop.deliver_fd(7), std::logic_error);
}

TEST(FakeEventLoop, ReportsAChildOnce) {
    FakeEventLoop loop;
    std::vector<int> seen;
    const auto source =
        loop.watch_child(42, [&](ChildExit exit) { seen.push_back(exit.pid + exit.status); });
    loop.child_exited(42, {.code = CLD_EXITED, .status = 1});
    EXPECT_THAT(seen, ElementsAre(43));
    EXPECT_THROW(loop.child_exited(42, {}), std::logic_error);
}

TEST(FakeEventLoop, RunsTheHookAfterEachDelivery) {
    FakeEventLoop loop;
    std::string order;
    const auto hook = loop.after_each_round([&] { order += '.'; });
    const auto signal = loop.watch_signal(15, [&] { order += 's'; });
    const auto timer = loop.at(seconds(1), [&] { order += 't'; });
    loop.raise_signal(15);
    loop.advance(seconds(1));
    EXPECT_EQ(order, "s.t.");
}

TEST(FakeEventLoop, LetsACallbackDropItsOwnSource) {
    FakeEventLoop loop;
    int runs = 0;
    EventSourcePtr source;
    source = *loop.watch_fd(7, EPOLLIN, [&](std::uint32_t) {
        source.reset();
        ++runs;
    });
    loop.deliver_fd(7);
    EXPECT_EQ(runs, 1);
    EXPECT_FALSE(loop.is_watching_fd(7));
}

TEST(FakeEventLoop, RunsUntilItIsStopped) {
    FakeEventLoop loop;
    const auto timer = loop.at(seconds(3), [&] { loop.stop(5); });
    EXPECT_EQ(loop.run().value(), 5);
    EXPECT_EQ(loop.now(), seconds(3));
    EXPECT_FALSE(loop.run());
}

} // namespace
} // namespace slipway::test
