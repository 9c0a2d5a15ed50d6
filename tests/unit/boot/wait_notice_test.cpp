// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/wait_notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/line_fit.h"
#include "support/fake_event_loop.h"
#include "support/fake_terminal.h"

namespace slipway {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kUuid = "UUID=01234567-89ab-cdef-0123-456789abcdef";

TEST(WaitLine, NamesTheDeviceTheTimeAndWhatIsLeft) {
    EXPECT_EQ(wait_line("device UUID=1234 is not there; 77 s left", seconds(13)),
              "slipway: waiting 13 s for device UUID=1234; 77 s left");
}

TEST(WaitLine, QuotesWhatIsNoDevice) {
    EXPECT_EQ(wait_line("group@x (vg0): 1 of 2 members are there; 12 s left", seconds(3)),
              "slipway: waiting 3 s: group@x (vg0): 1 of 2 members are there; 12 s left");
}

TEST(WaitLine, KeepsWhyADeviceDoesNotCome) {
    EXPECT_EQ(wait_line("device LABEL=r is not there: disk@x: no answer; 7 s left", seconds(3)),
              "slipway: waiting 3 s for device LABEL=r: disk@x: no answer; 7 s left");
}

TEST(WaitLine, DoesNotLetALabelDriveTheTerminal) {
    EXPECT_THAT(wait_line("device LABEL=\033[2J is not there; 1 s left", seconds(3)),
                Not(HasSubstr("\033")));
}

TEST(WaitLine, LeavesOutTheMiddleOfWhatIsTooLongAndKeepsTheTimes) {
    EXPECT_EQ(wait_line("device " + kUuid + " is not there; 77 s left", seconds(13), 79),
              "slipway: waiting 13 s for device UUID=01234567...f-0123-456789abcdef; 77 s left");
    const std::string line = wait_line(
        "device LABEL=" + std::string(500, 'x') + " is not there; 77 s left", seconds(100000), 79);
    EXPECT_EQ(display_width(line), 79U);
    EXPECT_THAT(line, StartsWith("slipway: waiting 100000 s for device LABEL=xx"));
    EXPECT_THAT(line, EndsWith("xx; 77 s left"));
}

TEST(WaitLine, FitsTheNarrowestTerminals) {
    for (std::size_t columns = 1; columns < 60; ++columns)
        EXPECT_THAT(display_width(wait_line("device " + kUuid + " is not there; 5 s left",
                                            seconds(2), columns)),
                    Le(columns));
}

TEST(WaitLine, FitsWhateverIsInALabel) {
    for (const std::string label :
         {"\xe6\xbc\xa2\xe5\xad\x97", "\xff\xfe\x80", "e\xcc\x81", "\xf0\x9f\x9a\xa2", "; ; ;"}) {
        std::string text = "device LABEL=";
        for (int i = 0; i < 40; ++i)
            text += label;
        EXPECT_THAT(display_width(wait_line(text + " is not there; 9 s left", seconds(2), 79)),
                    Le(79U));
    }
}

TEST(WaitLine, ComesEverMoreRarely) {
    std::vector<std::int64_t> moments;
    for (Duration at{0}; at < seconds(200); at = next_wait_line(at))
        moments.push_back(std::chrono::duration_cast<seconds>(at).count());
    EXPECT_THAT(moments, ElementsAre(0, 2, 5, 10, 20, 40, 60, 120, 180));
}

class WaitNoticeTest : public ::testing::Test {
protected:
    WaitNoticeTest() {
        std::vector<std::unique_ptr<Terminal>> terminals;
        for (auto [path, fd, terminal] :
             {std::tuple("/dev/ttyT", 7, &serial_), std::tuple("/dev/tty0", 8, &screen_)}) {
            terminals.push_back(std::make_unique<test::FakeTerminal>(path, fd));
            *terminal = dynamic_cast<test::FakeTerminal *>(terminals.back().get());
        }
        consoles_.emplace(loop_, std::move(terminals));
        notice_.emplace(
            loop_, *consoles_, log_,
            WaitNotice::Source{[this] { return waiting_; }, [this] { return may_speak_; },
                               [this](const std::string &line) { asides_.push_back(line); }});
        EXPECT_TRUE(notice_->start());
    }

    test::FakeEventLoop loop_;
    Log log_;
    test::FakeTerminal *serial_ = nullptr;
    test::FakeTerminal *screen_ = nullptr;
    std::optional<Consoles> consoles_;
    Waiting waiting_ = {"A", "device A is not there; 9 s left", ""};
    bool may_speak_ = true;
    std::vector<std::string> asides_;
    std::optional<WaitNotice> notice_;
};

TEST_F(WaitNoticeTest, SpeaksAfterTwoSecondsAndThenEverMoreRarelyOnASerialLine) {
    loop_.advance(std::chrono::milliseconds(1900));
    EXPECT_EQ(serial_->shown, "");
    loop_.advance(seconds(18));
    EXPECT_EQ(serial_->shown, "slipway: waiting 2 s for device A; 9 s left\n"
                              "slipway: waiting 5 s for device A; 9 s left\n"
                              "slipway: waiting 10 s for device A; 9 s left\n");
}

TEST_F(WaitNoticeTest, AVirtualTerminalHasOneLineThatIsWrittenAgain) {
    loop_.advance(seconds(2));
    EXPECT_EQ(screen_->shown, "\r\033[K\033[33mslipway: waiting 2 s for device A; 9 s left\033[0m");
    screen_->shown.clear();
    loop_.advance(seconds(1));
    EXPECT_EQ(screen_->shown, "\r\033[K\033[33mslipway: waiting 3 s for device A; 9 s left\033[0m");
}

TEST_F(WaitNoticeTest, TheLiveLineGivesWayToOtherTextAndComesBackBelowIt) {
    loop_.advance(seconds(2));
    screen_->shown.clear();
    consoles_->write("other\n");
    EXPECT_EQ(screen_->shown, "\r\033[Kother\n");
    consoles_->write("more\n");
    EXPECT_THAT(screen_->shown, EndsWith("other\nmore\n"));
    loop_.advance(seconds(1));
    EXPECT_THAT(screen_->shown, EndsWith("more\n\r\033[K\033[33mslipway: waiting 3 s for device A; "
                                         "9 s left\033[0m"));
}

TEST_F(WaitNoticeTest, TheLiveLineIsGoneBeforeTheKernelPrintsWhatIsLogged) {
    std::string seen;
    log_.add_sink([&](const LogRecord &) { seen = screen_->shown; });
    loop_.advance(seconds(2));
    log_.info("news");
    EXPECT_THAT(seen, EndsWith("\033[0m\r\033[K"));
}

TEST_F(WaitNoticeTest, TellsWhatHelpsOnce) {
    waiting_.hint = "plug it in";
    loop_.advance(seconds(30));
    EXPECT_THAT(serial_->shown,
                StartsWith("slipway: waiting 2 s for device A; 9 s left\nslipway: plug it in\n"));
    EXPECT_EQ(serial_->shown.find("plug it in"), serial_->shown.rfind("plug it in"));
    EXPECT_EQ(screen_->shown.find("plug it in"), screen_->shown.rfind("plug it in"));
}

TEST_F(WaitNoticeTest, AdviceThatChangesAllTheTimeDoesNotFillTheScreen) {
    for (int i = 0; i < 30; ++i) {
        waiting_.hint = "advice " + std::to_string(i);
        loop_.advance(seconds(1));
    }
    EXPECT_EQ(std::ranges::count(serial_->shown, '\n'), 8);
}

TEST_F(WaitNoticeTest, SaysNothingOverAPromptAndNothingWhenNothingIsWaitedFor) {
    may_speak_ = false;
    loop_.advance(seconds(30));
    may_speak_ = true;
    waiting_ = {};
    loop_.advance(seconds(30));
    EXPECT_EQ(serial_->shown, "");
    EXPECT_EQ(screen_->shown, "");
}

TEST_F(WaitNoticeTest, ANewWaitIsToldWithinThreeSecondsAndCountedFromItsOwnBeginning) {
    loop_.advance(std::chrono::milliseconds(5500));
    waiting_ = {"B", "device B is not there; 30 s left", ""};
    loop_.advance(seconds(3));
    EXPECT_THAT(serial_->shown, EndsWith("waiting 2 s for device B; 30 s left\n"));
}

TEST_F(WaitNoticeTest, TheSameWaitWithOtherWordsGoesOn) {
    loop_.advance(seconds(4));
    waiting_.headline = "device A is not there: x is still at work; 8 s left";
    loop_.advance(seconds(1));
    EXPECT_THAT(serial_->shown,
                EndsWith("waiting 5 s for device A: x is still at work; 8 s left\n"));
}

TEST_F(WaitNoticeTest, AnotherReasonIsToldAtOnceAndEachOnlyOnce) {
    waiting_.headline = "nfs is running: mounting x; 80 s left";
    loop_.advance(seconds(11));
    serial_->shown.clear();
    waiting_.headline = "nfs: x refuses; the next try is in 3.0 s";
    waiting_.hint = "check x";
    loop_.advance(seconds(1));
    EXPECT_EQ(serial_->shown, "slipway: waiting 12 s: nfs: x refuses; the next try is in 3.0 s\n"
                              "slipway: check x\n");
    waiting_.headline = "nfs is running: mounting x; 70 s left";
    loop_.advance(seconds(1));
    waiting_.headline = "nfs: x refuses; the next try is in 1.5 s";
    loop_.advance(seconds(6));
    EXPECT_EQ(std::ranges::count(serial_->shown, '\n'), 2);
}

TEST_F(WaitNoticeTest, ReasonsThatChangeAllTheTimeDoNotFillTheScreen) {
    for (int i = 0; i < 60; ++i) {
        waiting_.headline = "try " + std::to_string(i) + "; 3 s left";
        loop_.advance(seconds(1));
    }
    EXPECT_THAT(std::ranges::count(serial_->shown, '\n'), Le(12));
}

TEST_F(WaitNoticeTest, AWaitThatAPersonHadBeginAnewIsCountedFromThen) {
    loop_.advance(seconds(10));
    waiting_ = {.subject = "A",
                .headline = "device A is not there; 60 s left",
                .hint = "",
                .begun_anew = loop_.now()};
    serial_->shown.clear();
    loop_.advance(seconds(1));
    EXPECT_EQ(serial_->shown, "");
    loop_.advance(seconds(2));
    EXPECT_EQ(serial_->shown, "slipway: waiting 2 s for device A; 60 s left\n");
    EXPECT_THAT(screen_->shown, EndsWith("waiting 3 s for device A; 60 s left\033[0m"));
}

TEST_F(WaitNoticeTest, IsSilentAndErasedAfterItWasStopped) {
    loop_.advance(seconds(3));
    notice_->stop();
    EXPECT_THAT(screen_->shown, EndsWith("\033[0m\r\033[K"));
    screen_->shown.clear();
    loop_.advance(seconds(30));
    EXPECT_EQ(screen_->shown, "");
}

TEST_F(WaitNoticeTest, AScreenThatTakesNothingGetsNoMoreUpdates) {
    loop_.advance(seconds(2));
    screen_->room = 3;
    loop_.advance(seconds(60));
    screen_->room = 10000;
    screen_->shown.clear();
    loop_.deliver_fd(8, EPOLLOUT);
    EXPECT_THAT(screen_->shown.size(), Le(100U));
}

TEST_F(WaitNoticeTest, AboveAPromptItSaysOnceWhatElseIsMissing) {
    may_speak_ = false;
    waiting_.aside = "key@x: device LABEL=KEYS is not there";
    loop_.advance(seconds(30));
    EXPECT_THAT(asides_, ElementsAre("slipway: key@x: device LABEL=KEYS is not there"));
    EXPECT_EQ(serial_->shown, "");
}

} // namespace
} // namespace slipway
