// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A boot whose workers are the test itself: it holds the other ends of their sockets.
#include "boot/boot_sequence.h"

#include <sys/socket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include <slipway/abi.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"
#include "support/fake_terminal.h"
#include "unit/unit_loader.h"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kSerialFd = 902;
// Beyond the largest process id of Linux, so that no signal meets anybody.
constexpr pid_t kNoProcess = 99'000'000;

const std::string kUnits =
    "[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
    "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\nwanted = \"never\"\n"
    "requires = [\"a\", \"b\", \"c\"]\n"
    "[[unit]]\nname = \"a\"\nkind = \"job\"\n"
    "[[unit]]\nname = \"b\"\nkind = \"job\"\n"
    "[[unit]]\nname = \"c\"\nkind = \"job\"\n";

UnitSet units() {
    auto loaded = load_units({{"x.toml", kUnits}});
    EXPECT_THAT(loaded.problems, testing::IsEmpty());
    return loaded.set;
}

class BootSequenceTest : public testing::Test {
protected:
    BootSequenceTest() {
        std::vector<std::unique_ptr<Terminal>> terminals;
        terminals.push_back(std::make_unique<test::FakeTerminal>("/dev/ttyS0", kSerialFd));
        serial_ = dynamic_cast<test::FakeTerminal *>(terminals.front().get());
        consoles_ = std::make_unique<Consoles>(loop_, std::move(terminals));
        prompts_ = std::make_unique<PromptBroker>(loop_, *consoles_, log_);
        sequence_ = std::make_unique<BootSequence>(
            BootSequence::Parts{loop_, log_, *prompts_, links_, timeline_, recorder_}, engine_,
            BootSequence::Ends{[] {}, [](const std::string &) {}},
            [this](Channel end) -> Result<pid_t> {
                ends_.push_back(std::move(end));
                return kNoProcess + static_cast<pid_t>(ends_.size());
            });
        sequence_->on_foreign_reply(
            [this](std::uint32_t number, bool is_answered, const Secret &secret) {
                replies_.push_back(std::to_string(number) + (is_answered ? " yes " : " no ") +
                                   std::string(secret.view()));
            });
        sequence_->add_plugin("p", {"/p.so", false, {}});
        EXPECT_TRUE(sequence_->start());
        for (Channel &end : ends_) {
            const auto received = end.receive();
            const auto &request = std::get<RequestMessage>((*received)->message);
            workers_.insert_or_assign(request.unit, &end);
            jobs_.insert_or_assign(request.unit, request.job);
        }
    }

    // What the worker of `unit` says.
    void say(const std::string &unit, const Message &message, int fd = -1) {
        Channel &end = *workers_.at(unit);
        EXPECT_TRUE(end.send(message, fd));
        // PID 1's ends were made one by one, just before the workers': all of them look.
        for (const int watched : watched_fds())
            loop_.deliver_fd(watched);
    }
    void ask(const std::string &unit, const std::string &id, bool accepts_cached = true,
             bool echo = false) {
        say(unit, AskMessage{jobs_.at(unit), "Passphrase for " + unit, id,
                             static_cast<std::uint8_t>(echo), 0,
                             static_cast<std::uint8_t>(accepts_cached)});
    }
    // "0 word source" of the answer that waits in the worker's socket; "" when there is none.
    std::string answer_of(const std::string &unit) {
        Channel &end = *workers_.at(unit);
        if (!has_packet(end))
            return "";
        auto received = end.receive();
        const auto &answer = std::get<AnswerMessage>((*received)->message);
        if (answer.status != SLIPWAY_ANSWERED)
            return "not answered";
        auto shared = SharedSecret::open(std::move((*received)->fd), answer.size);
        return std::string(shared->view()) + " " + std::to_string(answer.source);
    }
    void give(const std::string &unit, const std::string &id, std::string_view word) {
        const auto shared = SharedSecret::create(Secret(word));
        say(unit, GiveAnswerMessage{jobs_.at(unit), id, static_cast<std::uint32_t>(word.size())},
            shared->fd());
        const auto received = workers_.at(unit)->receive();
        EXPECT_EQ(std::get<AnswerTakenMessage>((*received)->message).code, 0U);
        EXPECT_EQ(shared->view(), std::string(word.size(), '\0')) << "PID 1 wipes what it took";
    }
    void type(std::string_view keys) {
        serial_->type(keys);
        loop_.deliver_fd(kSerialFd);
    }

    static AskFile foreign(const std::string &message, const std::string &id) {
        AskFile question;
        question.file = "ask." + message;
        question.socket = "/run/s";
        question.message = message;
        question.id = id;
        question.accept_cached = true;
        return question;
    }

    static bool has_packet(const Channel &end) {
        std::byte byte{};
        return ::recv(end.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    }
    std::vector<int> watched_fds() const {
        std::vector<int> fds;
        for (int fd = 0; fd < 256; ++fd) {
            if (loop_.is_watching_fd(fd))
                fds.push_back(fd);
        }
        return fds;
    }

    test::FakeEventLoop loop_;
    Log log_;
    test::FakeSystem system_;
    DeviceLinks links_{system_, loop_, log_};
    Timeline timeline_{Duration(0)};
    EngineConfig config_;
    Recorder recorder_{config_, {}};
    Engine engine_{units(), config_};
    test::FakeTerminal *serial_ = nullptr;
    std::unique_ptr<Consoles> consoles_;
    std::unique_ptr<PromptBroker> prompts_;
    std::vector<Channel> ends_;
    std::unique_ptr<BootSequence> sequence_;
    std::map<std::string, Channel *> workers_;
    std::map<std::string, JobId> jobs_;
    std::vector<std::string> replies_;
};

TEST_F(BootSequenceTest, what_is_typed_reaches_the_job_that_asked) {
    ask("a", "id:a");
    EXPECT_THAT(serial_->shown, HasSubstr("Passphrase for a: "));
    type("word\r");
    EXPECT_EQ(answer_of("a"), "word 0");
}

TEST_F(BootSequenceTest, one_passphrase_opens_the_volumes_that_wait_behind_it) {
    ask("a", "id:a");
    ask("b", "id:b");
    ask("c", "id:c", false);
    type("word\r");
    EXPECT_EQ(answer_of("a"), "word 0");
    EXPECT_EQ(answer_of("b"), "word 1");
    EXPECT_EQ(answer_of("c"), "") << "it wants a person";
    EXPECT_THAT(serial_->shown, Not(HasSubstr("for b")));
    EXPECT_THAT(serial_->shown, HasSubstr("for c"));
}

TEST_F(BootSequenceTest, a_volume_that_the_passphrase_did_not_open_gets_the_person) {
    ask("a", "id:a");
    type("word\r");
    ask("b", "id:b");
    EXPECT_EQ(answer_of("b"), "word 1");
    ask("b", "id:b");
    EXPECT_EQ(answer_of("b"), "");
    type("other\r");
    EXPECT_EQ(answer_of("b"), "other 0");
}

TEST_F(BootSequenceTest, a_wrong_passphrase_is_offered_to_nobody_once_it_is_known_to_be_wrong) {
    ask("a", "id:a");
    type("wrong\r");
    EXPECT_EQ(answer_of("a"), "wrong 0");
    ask("a", "id:a");
    ask("b", "id:b");
    EXPECT_EQ(answer_of("b"), "");
    type("right\r");
    EXPECT_EQ(answer_of("a"), "right 0");
    EXPECT_EQ(answer_of("b"), "right 1");
}

TEST_F(BootSequenceTest, what_is_shown_while_it_is_typed_is_no_secret_to_share) {
    ask("a", "id:a", true, true);
    type("name\r");
    EXPECT_EQ(answer_of("a"), "name 0");
    ask("b", "id:b");
    EXPECT_EQ(answer_of("b"), "");
    type("word\r");
    EXPECT_EQ(answer_of("b"), "word 0");
    ask("c", "id:c", true, true);
    EXPECT_EQ(answer_of("c"), "");
}

TEST_F(BootSequenceTest, a_plugin_answers_the_question_that_is_on_the_screen) {
    ask("a", "id:a");
    ask("b", "id:b");
    give("c", "id:a", "key");
    EXPECT_EQ(answer_of("a"), "key 2");
    EXPECT_THAT(serial_->shown, HasSubstr("Passphrase for b: "));
    EXPECT_EQ(answer_of("b"), "") << "what a plugin gave is for one question only";
    type("word\r");
    EXPECT_EQ(answer_of("b"), "word 0");
}

TEST_F(BootSequenceTest, a_plugin_answers_a_question_that_waits_for_the_console) {
    ask("a", "id:a");
    ask("b", "id:b");
    give("c", "id:b", "key");
    EXPECT_EQ(answer_of("b"), "key 2");
    EXPECT_EQ(answer_of("a"), "");
    type("word\r");
    EXPECT_EQ(answer_of("a"), "word 0");
    EXPECT_THAT(serial_->shown, Not(HasSubstr("for b")));
}

TEST_F(BootSequenceTest, an_answer_that_comes_first_waits_for_its_question_and_serves_once) {
    give("c", "id:a", "key");
    ask("a", "id:a", false);
    EXPECT_EQ(answer_of("a"), "key 2");
    EXPECT_FALSE(prompts_->is_open());
    ask("a", "id:a", false);
    EXPECT_EQ(answer_of("a"), "");
    EXPECT_TRUE(prompts_->is_open());
}

TEST_F(BootSequenceTest, a_program_asks_through_the_same_queue) {
    ask("a", "id:a");
    sequence_->foreign_opened(1, foreign("Password for vpn", ""));
    loop_.end_round();
    EXPECT_THAT(serial_->shown, Not(HasSubstr("vpn")));
    type("word\r");
    EXPECT_EQ(answer_of("a"), "word 0");
    EXPECT_THAT(serial_->shown, HasSubstr("Password for vpn: "));
    type("other\r");
    EXPECT_THAT(replies_, ElementsAre("1 yes other"));
    EXPECT_FALSE(prompts_->is_open());
    ask("b", "id:b", false);
    EXPECT_TRUE(prompts_->is_open()) << "the console is free again";
}

TEST_F(BootSequenceTest, a_program_that_is_gone_asks_no_more) {
    sequence_->foreign_opened(1, foreign("one", "id:one"));
    sequence_->foreign_opened(2, foreign("two", "id:two"));
    loop_.end_round();
    EXPECT_THAT(serial_->shown, HasSubstr("one: "));
    sequence_->foreign_closed(1);
    sequence_->foreign_closed(1);
    loop_.end_round();
    EXPECT_THAT(serial_->shown, HasSubstr("two: "));
    sequence_->foreign_closed(2);
    loop_.end_round();
    EXPECT_FALSE(prompts_->is_open());
    EXPECT_THAT(replies_, IsEmpty());
}

TEST_F(BootSequenceTest, a_person_refuses_a_program) {
    sequence_->foreign_opened(1, foreign("one", "id:one"));
    loop_.end_round();
    type("\x03");
    EXPECT_THAT(replies_, ElementsAre("1 no "));
}

TEST_F(BootSequenceTest, programs_and_jobs_share_what_was_typed) {
    ask("a", "id:a");
    sequence_->foreign_opened(1, foreign("waits", "id:1"));
    type("word\r");
    EXPECT_THAT(replies_, ElementsAre("1 yes word"));
    sequence_->foreign_opened(2, foreign("comes later", "id:2"));
    EXPECT_THAT(replies_, ElementsAre("1 yes word", "2 yes word"));
    sequence_->foreign_opened(3, foreign("asks again", "id:2"));
    loop_.end_round();
    EXPECT_THAT(serial_->shown, HasSubstr("asks again: "));
}

TEST_F(BootSequenceTest, a_plugin_answers_the_question_of_a_program) {
    sequence_->foreign_opened(1, foreign("one", "id:1"));
    loop_.end_round();
    give("c", "id:1", "key");
    EXPECT_THAT(replies_, ElementsAre("1 yes key"));
    EXPECT_FALSE(prompts_->is_open());
}

TEST_F(BootSequenceTest, the_waits_stand_still_while_a_program_asks) {
    sequence_->foreign_opened(1, foreign("one", "id:1"));
    loop_.end_round();
    EXPECT_THAT(recorder_.text(), HasSubstr(" foreign-asks 1 0 one 1 ask.one\n"));
    type("x\r");
    EXPECT_THAT(recorder_.text(), HasSubstr(" foreign-answered 1\n"));
}

// What a question's ask file is called, and what the record says, is the same number.
class NumbersOfQuestions final : public PromptOutlet {
public:
    void shown(PromptId /*id*/, const Prompt &prompt, std::optional<Duration> /*until*/) override {
        shown_.push_back(prompt.number);
    }
    void hidden() override {}

    std::vector<QuestionId> shown_;
};

TEST_F(BootSequenceTest, questions_with_the_same_text_have_numbers_of_their_own) {
    NumbersOfQuestions outlet;
    prompts_->set_outlet(&outlet);
    say("a", AskMessage{jobs_.at("a"), "Passphrase", "", 0, 0, 0});
    say("b", AskMessage{jobs_.at("b"), "Passphrase", "", 0, 0, 0});
    EXPECT_THAT(recorder_.text(),
                HasSubstr(" asks " + std::to_string(jobs_.at("a")) + " Passphrase 1\n"));
    EXPECT_THAT(recorder_.text(),
                HasSubstr(" asks " + std::to_string(jobs_.at("b")) + " Passphrase 2\n"));
    type("x\r");
    say("a", AskMessage{jobs_.at("a"), "Passphrase", "", 0, 0, 0});
    EXPECT_THAT(recorder_.text(),
                HasSubstr(" asks " + std::to_string(jobs_.at("a")) + " Passphrase 3\n"));
    type("x\r");
    EXPECT_THAT(outlet.shown_, ElementsAre(1, 2, 3));
    prompts_->set_outlet(nullptr);
}

TEST_F(BootSequenceTest, nothing_is_answered_from_memory_after_it_was_wiped) {
    ask("a", "id:a");
    type("word\r");
    give("c", "id:b", "key");
    sequence_->forget_answers();
    ask("b", "id:b");
    EXPECT_EQ(answer_of("b"), "");
    EXPECT_TRUE(prompts_->is_open());
}

TEST_F(BootSequenceTest, no_secret_reaches_the_log_or_the_record) {
    ask("a", "id:a");
    type("hush-hush\r");
    give("c", "id:b", "key-bytes");
    ask("b", "id:b");
    for (const LogRecord &record : log_.records()) {
        EXPECT_THAT(record.text, Not(HasSubstr("hush-hush")));
        EXPECT_THAT(record.text, Not(HasSubstr("key-bytes")));
    }
    EXPECT_THAT(recorder_.text(), Not(HasSubstr("hush-hush")));
}

TEST_F(BootSequenceTest, a_worker_that_gives_an_answer_without_a_secret_is_ended) {
    say("c", GiveAnswerMessage{jobs_.at("c"), "id:a", 3});
    ask("a", "id:a");
    EXPECT_EQ(answer_of("a"), "");
    EXPECT_THAT(recorder_.text(), HasSubstr("without%20a%20secret"));
}

TEST_F(BootSequenceTest, WhatAJobSaysOfItselfIsWhatTheConsoleCanTell) {
    say("a", ProgressMessage{jobs_.at("a"), "doing this\nand that"});
    EXPECT_THAT(engine_.headline(), HasSubstr("a is running: doing this?and that; "));
    EXPECT_THAT(sequence_->running(), testing::Contains("a: doing this\nand that"));
}

TEST(BootSequenceBreak, AnOpenBreakIsToldAndTheBootGoesOnWhenAPersonSaysSo) {
    test::FakeEventLoop loop;
    test::FakeSystem system;
    Log log;
    Consoles consoles(loop, {});
    PromptBroker prompts(loop, consoles, log);
    DeviceLinks links(system, loop, log);
    Timeline timeline{Duration(0)};
    Recorder recorder({}, {});
    EngineConfig config;
    config.breaks = {"init"};
    auto loaded = load_units({{"x.toml", "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\n"
                                         "[[break]]\nnames = [\"init\"]\nat = \"switch\"\n"}});
    Engine engine(loaded.set, config);
    std::vector<std::string> happened;
    BootSequence sequence({loop, log, prompts, links, timeline, recorder}, engine,
                          {[&] { happened.emplace_back("switch"); }, [](const std::string &) {},
                           [&](const OpenBreak &point) { happened.push_back(point.name); }});
    ASSERT_TRUE(sequence.start());
    EXPECT_THAT(happened, ElementsAre("init"));
    sequence.continue_break("other");
    EXPECT_THAT(happened, ElementsAre("init"));
    sequence.continue_break("init");
    loop.end_round();
    EXPECT_THAT(happened, ElementsAre("init", "switch"));
}

} // namespace
} // namespace slipway
