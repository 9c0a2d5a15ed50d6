// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/wait_notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_event_loop.h"
#include "support/fake_terminal.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(WaitLine, NamesTheDeviceTheTimeAndWhatIsLeft) {
    EXPECT_EQ(wait_line("device UUID=1234 is not there; 77 s left", std::chrono::seconds(13)),
              "slipway: waiting 13 s for device UUID=1234; 77 s left");
}

TEST(WaitLine, QuotesWhatIsNoDevice) {
    EXPECT_EQ(
        wait_line("group@x (vg0): 1 of 2 members are there; 12 s left", std::chrono::seconds(3)),
        "slipway: waiting 3 s: group@x (vg0): 1 of 2 members are there; 12 s left");
}

TEST(WaitLine, DoesNotLetALabelDriveTheTerminal) {
    EXPECT_THAT(wait_line("device LABEL=\033[2J is not there; 1 s left", std::chrono::seconds(3)),
                Not(HasSubstr("\033")));
}

class WaitNoticeTest : public ::testing::Test {
protected:
    WaitNoticeTest() {
        auto terminal = std::make_unique<test::FakeTerminal>("/dev/ttyT", 7);
        terminal_ = terminal.get();
        std::vector<std::unique_ptr<Terminal>> terminals;
        terminals.push_back(std::move(terminal));
        consoles_.emplace(loop_, std::move(terminals));
        notice_.emplace(
            loop_, *consoles_,
            WaitNotice::Source{[this] { return headline_; }, [this] { return may_speak_; }});
        EXPECT_TRUE(notice_->start());
    }

    test::FakeEventLoop loop_;
    test::FakeTerminal *terminal_ = nullptr;
    std::optional<Consoles> consoles_;
    std::string headline_ = "device A is not there; 9 s left";
    bool may_speak_ = true;
    std::optional<WaitNotice> notice_;
};

TEST_F(WaitNoticeTest, SpeaksAfterThreeSecondsAndThenEveryTen) {
    loop_.advance(std::chrono::milliseconds(2900));
    EXPECT_EQ(terminal_->shown, "");
    loop_.advance(std::chrono::milliseconds(200));
    EXPECT_THAT(terminal_->shown, HasSubstr("waiting 3 s for device A; 9 s left\n"));
    loop_.advance(std::chrono::seconds(18));
    EXPECT_THAT(terminal_->shown, HasSubstr("waiting 10 s"));
    EXPECT_THAT(terminal_->shown, HasSubstr("waiting 20 s"));
}

TEST_F(WaitNoticeTest, SaysNothingOverAPromptAndNothingWhenNothingIsWaitedFor) {
    may_speak_ = false;
    loop_.advance(std::chrono::seconds(30));
    may_speak_ = true;
    headline_.clear();
    loop_.advance(std::chrono::seconds(30));
    EXPECT_EQ(terminal_->shown, "");
}

TEST_F(WaitNoticeTest, ANewWaitIsCountedFromItsOwnBeginning) {
    loop_.advance(std::chrono::seconds(5));
    headline_ = "device B is not there; 30 s left";
    loop_.advance(std::chrono::seconds(10));
    EXPECT_THAT(terminal_->shown, HasSubstr("waiting 3 s for device B; 30 s left"));
}

TEST_F(WaitNoticeTest, IsSilentAfterItWasStopped) {
    notice_->stop();
    loop_.advance(std::chrono::seconds(30));
    EXPECT_EQ(terminal_->shown, "");
}

} // namespace
} // namespace slipway
