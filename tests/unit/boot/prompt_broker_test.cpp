// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/prompt_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/two_consoles.h"

namespace slipway {
namespace {

using test::FakeTerminal;
using test::kScreenFd;
using test::kSerialFd;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PromptBrokerTest : public test::OnTwoConsoles {
protected:
    PromptBrokerTest() { broker_ = std::make_unique<PromptBroker>(loop_, *consoles_, log_); }

    // Answers are noted as "name: status secret".
    PromptId ask(const std::string &name, std::optional<Duration> timeout = std::nullopt,
                 bool echo = false) {
        Prompt prompt;
        prompt.message = name;
        prompt.echo = echo;
        prompt.timeout = timeout;
        return broker_->open(std::move(prompt), [this, name](PromptAnswer answer) {
            constexpr const char *kNames[] = {"answered", "cancelled", "timed out"};
            answers_.push_back(name + ": " + kNames[static_cast<int>(answer.status)] + " " +
                               std::string(answer.secret.view()));
        });
    }

    void type(FakeTerminal &terminal, std::string_view keys) {
        terminal.type(keys);
        loop_.deliver_fd(terminal.fd());
    }

    Log log_;
    std::unique_ptr<PromptBroker> broker_;
    std::vector<std::string> answers_;
};

TEST_F(PromptBrokerTest, asks_on_every_console_and_takes_the_first_answer) {
    (void)ask("Passphrase for root");
    EXPECT_EQ(screen_->shown, "Passphrase for root: ");
    EXPECT_EQ(serial_->shown, "Passphrase for root: ");
    type(*screen_, "half");
    type(*serial_, "secret\r");
    EXPECT_THAT(answers_, ElementsAre("Passphrase for root: answered secret"));
    EXPECT_FALSE(broker_->is_open());
    EXPECT_FALSE(loop_.is_watching_fd(kScreenFd));
}

TEST_F(PromptBrokerTest, shows_no_secret_and_ends_the_line_after_the_answer) {
    (void)ask("Passphrase");
    type(*serial_, "secret\r");
    EXPECT_EQ(serial_->shown, "Passphrase: \n");
    EXPECT_EQ(screen_->shown, "Passphrase: \n");
    for (const LogRecord &record : log_.records())
        EXPECT_THAT(record.text, Not(HasSubstr("secret")));
}

TEST_F(PromptBrokerTest, echoes_only_where_it_is_typed_and_only_if_asked_to) {
    (void)ask("Name", std::nullopt, true);
    type(*serial_, "joe\r");
    EXPECT_EQ(serial_->shown, "Name: joe\n");
    EXPECT_EQ(screen_->shown, "Name: \n");
}

TEST_F(PromptBrokerTest, asks_one_question_after_the_other) {
    (void)ask("One");
    (void)ask("Two");
    EXPECT_THAT(serial_->shown, Not(HasSubstr("Two")));
    type(*serial_, "a\r");
    EXPECT_EQ(serial_->shown, "One: \nTwo: ");
    type(*serial_, "b\r");
    EXPECT_THAT(answers_, ElementsAre("One: answered a", "Two: answered b"));
}

TEST_F(PromptBrokerTest, keeps_lines_that_were_sent_ahead_for_the_next_question) {
    (void)ask("One");
    type(*serial_, "a\rb\r");
    EXPECT_THAT(answers_, ElementsAre("One: answered a"));
    (void)ask("Two");
    loop_.deliver_fd(kSerialFd);
    EXPECT_THAT(answers_, ElementsAre("One: answered a", "Two: answered b"));
}

TEST_F(PromptBrokerTest, throws_away_what_was_typed_before_the_first_question) {
    serial_->type("stale\r");
    (void)ask("One");
    EXPECT_TRUE(serial_->typed.empty());
    EXPECT_TRUE(serial_->has_input);
}

TEST_F(PromptBrokerTest, input_stays_silent_between_questions_and_is_restored_at_the_end) {
    (void)ask("One");
    type(*serial_, "a\r");
    EXPECT_TRUE(serial_->has_input);
    (void)ask("Two");
    EXPECT_EQ(serial_->input_starts, 1);
    broker_.reset();
    EXPECT_FALSE(serial_->has_input);
    EXPECT_FALSE(screen_->has_input);
    EXPECT_FALSE(loop_.is_watching_fd(kSerialFd));
}

TEST_F(PromptBrokerTest, ctrl_c_cancels) {
    (void)ask("One");
    type(*serial_, "abc\x03");
    EXPECT_THAT(answers_, ElementsAre("One: cancelled "));
}

TEST_F(PromptBrokerTest, a_withdrawn_question_is_not_answered_and_the_next_one_follows) {
    const PromptId one = ask("One");
    (void)ask("Two");
    broker_->withdraw(one);
    broker_->withdraw(one);
    EXPECT_EQ(serial_->shown, "One: \nTwo: ");
    type(*serial_, "b\r");
    EXPECT_THAT(answers_, ElementsAre("Two: answered b"));
}

TEST_F(PromptBrokerTest, a_question_can_be_withdrawn_before_it_was_shown) {
    (void)ask("One");
    const PromptId two = ask("Two");
    broker_->withdraw(two);
    type(*serial_, "a\r");
    EXPECT_THAT(serial_->shown, Not(HasSubstr("Two")));
    EXPECT_FALSE(broker_->is_open());
}

TEST_F(PromptBrokerTest, a_question_ends_when_its_time_is_over) {
    (void)ask("One", Duration(1'000'000));
    loop_.advance(Duration(999'999));
    EXPECT_THAT(answers_, IsEmpty());
    loop_.advance(Duration(1));
    EXPECT_THAT(answers_, ElementsAre("One: timed out "));
    EXPECT_EQ(loop_.timer_count(), 0U);
}

TEST_F(PromptBrokerTest, a_screen_counts_every_second_and_a_serial_line_every_ten) {
    (void)ask("One", std::chrono::seconds(12));
    EXPECT_EQ(serial_->shown, "One (12 s): ");
    type(*screen_, "ab");
    screen_->shown.clear();
    serial_->shown.clear();
    loop_.advance(std::chrono::milliseconds(999));
    EXPECT_EQ(screen_->shown, "");
    loop_.advance(std::chrono::milliseconds(2001));
    EXPECT_EQ(screen_->shown, "\rOne (11 s): \rOne (10 s): \rOne ( 9 s): ");
    EXPECT_EQ(serial_->shown, "\rOne (10 s): ");
    type(*screen_, "c\r");
    EXPECT_THAT(answers_, ElementsAre("One: answered abc"));
    EXPECT_EQ(loop_.timer_count(), 0U);
}

TEST_F(PromptBrokerTest, the_countdown_keeps_what_is_typed_and_seen) {
    (void)ask("Name", std::chrono::seconds(100), true);
    type(*screen_, "jo");
    screen_->shown.clear();
    loop_.advance(std::chrono::seconds(1));
    EXPECT_EQ(screen_->shown, "\rName ( 99 s): jo");
}

TEST_F(PromptBrokerTest, a_question_that_does_not_fit_into_a_line_does_not_scroll_the_screen) {
    (void)ask(std::string(80, 'q'), std::chrono::seconds(100));
    screen_->shown.clear();
    loop_.advance(std::chrono::seconds(50));
    EXPECT_EQ(screen_->shown, "");
    broker_->redraw();
    EXPECT_THAT(screen_->shown, HasSubstr("( 50 s)"));
}

TEST_F(PromptBrokerTest, the_countdown_goes_on_where_it_was) {
    (void)ask("One", std::chrono::seconds(30));
    loop_.advance(std::chrono::seconds(5));
    broker_->suspend();
    loop_.advance(std::chrono::seconds(100));
    screen_->shown.clear();
    broker_->resume();
    EXPECT_EQ(screen_->shown, "One (25 s): ");
}

TEST_F(PromptBrokerTest, an_answer_from_elsewhere_ends_the_question) {
    const PromptId one = ask("One");
    const PromptId two = ask("Two");
    type(*serial_, "half");
    broker_->answer(one, {AnswerStatus::answered, Secret("remote")});
    broker_->answer(one, {AnswerStatus::answered, Secret("late")});
    EXPECT_THAT(answers_, ElementsAre("One: answered remote"));
    EXPECT_THAT(serial_->shown, HasSubstr("Two: "));
    broker_->answer(two, {AnswerStatus::cancelled, Secret()});
    EXPECT_THAT(answers_, ElementsAre("One: answered remote", "Two: cancelled "));
    EXPECT_FALSE(broker_->is_open());
}

TEST_F(PromptBrokerTest, an_answer_from_elsewhere_reaches_a_question_that_waits) {
    (void)ask("One");
    broker_->answer(ask("Two"), {AnswerStatus::answered, Secret("remote")});
    EXPECT_THAT(answers_, ElementsAre("Two: answered remote"));
    type(*serial_, "a\r");
    EXPECT_THAT(answers_, ElementsAre("Two: answered remote", "One: answered a"));
}

TEST_F(PromptBrokerTest, behind_a_splash_it_is_silent_and_takes_answers) {
    bool is_shown = true;
    broker_->set_splash([&is_shown] { return is_shown; });
    (void)ask("One");
    broker_->redraw();
    type(*serial_, "a\r");
    EXPECT_EQ(serial_->shown, "");
    EXPECT_THAT(answers_, ElementsAre("One: answered a"));
    (void)ask("Two");
    is_shown = false;
    broker_->redraw();
    EXPECT_EQ(serial_->shown, "Two: ");
}

TEST_F(PromptBrokerTest, time_counts_only_while_the_question_can_be_seen) {
    (void)ask("One");
    (void)ask("Two", Duration(1'000'000));
    loop_.advance(Duration(5'000'000));
    type(*serial_, "a\r");
    loop_.advance(Duration(600'000));
    broker_->suspend();
    loop_.advance(Duration(5'000'000));
    broker_->resume();
    loop_.advance(Duration(399'999));
    EXPECT_THAT(answers_, ElementsAre("One: answered a"));
    loop_.advance(Duration(1));
    EXPECT_THAT(answers_, ElementsAre("One: answered a", "Two: timed out "));
}

TEST_F(PromptBrokerTest, gives_the_consoles_away_and_asks_again_afterwards) {
    (void)ask("One");
    type(*serial_, "half");
    broker_->suspend();
    EXPECT_FALSE(serial_->has_input);
    EXPECT_FALSE(loop_.is_watching_fd(kSerialFd));
    EXPECT_TRUE(broker_->is_open());
    (void)ask("Two");
    broker_->resume();
    EXPECT_EQ(serial_->shown, "One: \nOne: ");
    type(*serial_, "whole\r");
    EXPECT_THAT(answers_, ElementsAre("One: answered whole"));
}

TEST_F(PromptBrokerTest, redraws_the_question_with_what_may_be_seen) {
    broker_->redraw();
    EXPECT_EQ(serial_->shown, "");
    (void)ask("Name", std::nullopt, true);
    type(*serial_, "jo");
    serial_->shown.clear();
    screen_->shown.clear();
    broker_->redraw();
    EXPECT_EQ(serial_->shown, "\rName: jo");
    EXPECT_EQ(screen_->shown, "\rName: ");
}

TEST_F(PromptBrokerTest, an_answer_may_lead_to_the_same_question_again) {
    Prompt prompt;
    prompt.message = "One";
    (void)broker_->open(std::move(prompt), [this](PromptAnswer) { (void)ask("Again"); });
    type(*serial_, "wrong\r");
    EXPECT_EQ(serial_->shown, "One: \nAgain: ");
    type(*serial_, "right\r");
    EXPECT_THAT(answers_, ElementsAre("Again: answered right"));
}

TEST_F(PromptBrokerTest, a_console_that_goes_away_leaves_the_other_one) {
    (void)ask("One");
    screen_->is_gone = true;
    loop_.deliver_fd(kScreenFd, EPOLLHUP);
    EXPECT_FALSE(loop_.is_watching_fd(kScreenFd));
    type(*serial_, "a\r");
    EXPECT_THAT(answers_, ElementsAre("One: answered a"));
}

TEST_F(PromptBrokerTest, warns_when_typed_input_may_be_seen) {
    serial_->refuses_input = true;
    (void)ask("One");
    ASSERT_FALSE(log_.records().empty());
    EXPECT_THAT(log_.records().back().text, HasSubstr("/dev/ttyS0"));
}

TEST_F(PromptBrokerTest, a_label_cannot_drive_the_terminal) {
    (void)ask("disk \x1b[2J\nfake");
    EXPECT_EQ(serial_->shown, "disk ?[2J?fake: ");
}

TEST_F(PromptBrokerTest, a_line_may_be_written_above_the_question) {
    broker_->write_above("nobody asks");
    EXPECT_EQ(serial_->shown, "");
    (void)ask("Name", std::nullopt, true);
    type(*serial_, "jo");
    broker_->write_above("news");
    EXPECT_EQ(serial_->shown, "Name: jo\nnews\n\rName: jo");
    EXPECT_EQ(screen_->shown, "Name: \nnews\n\rName: ");
}

} // namespace
} // namespace slipway
