// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Both sides of the password agent protocol, over real files, sockets and inotify.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "boot/ask_publisher.h"
#include "boot/ask_watcher.h"
#include "event/sd_event_loop.h"
#include "support/fake_terminal.h"
#include "sys/linux_system.h"

namespace slipway {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kMoment = std::chrono::milliseconds(50);

sockaddr_un address_of(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
}

class PasswordAgentTest : public testing::Test {
protected:
    PasswordAgentTest() : loop_(std::move(SdEventLoop::create().value())) {
        std::string name = (fs::temp_directory_path() / "ask-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    ~PasswordAgentTest() override {
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }

    // Lets the loop run until `done`, or fails.
    void run_until(const std::function<bool()> &done) {
        auto hook = loop_->after_each_round([&] {
            if (done())
                loop_->stop(0);
        });
        auto limit = loop_->at(loop_->now() + kPatience, [this] { loop_->stop(1); });
        auto first = loop_->at(loop_->now(), [] {});
        ASSERT_TRUE(hook && limit && first);
        EXPECT_EQ(loop_->run().value(), 0) << "it did not happen in time";
    }
    // Time in which nothing should happen.
    void run_for(Duration time) {
        auto limit = loop_->at(loop_->now() + time, [this] { loop_->stop(0); });
        ASSERT_TRUE(limit);
        (void)loop_->run();
    }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto &entry : fs::directory_iterator(directory_))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }
    std::string content(const std::string &name) const {
        std::ifstream file(directory_ + "/" + name);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    LinuxSystem system_;
    Log log_;
    std::unique_ptr<SdEventLoop> loop_;
    std::string directory_;
};

// ---- slipway asks, an agent answers -------------------------------------------------------------

class AskPublisherTest : public PasswordAgentTest {
protected:
    AskPublisherTest() {
        std::vector<std::unique_ptr<Terminal>> terminals;
        // Something that can be watched and never says a word.
        EXPECT_EQ(::pipe2(quiet_.data(), O_CLOEXEC), 0);
        terminals.push_back(std::make_unique<test::FakeTerminal>("/dev/ttyS0", quiet_[0]));
        serial_ = dynamic_cast<test::FakeTerminal *>(terminals.front().get());
        consoles_ = std::make_unique<Consoles>(*loop_, std::move(terminals));
        broker_ = std::make_unique<PromptBroker>(*loop_, *consoles_, log_);
        publisher_ = std::make_unique<AskPublisher>(
            system_, *loop_, log_,
            [this](PromptId id, PromptAnswer answer) { broker_->answer(id, std::move(answer)); },
            directory_);
        broker_->set_outlet(publisher_.get());
    }
    ~AskPublisherTest() override {
        broker_.reset();
        publisher_.reset();
        ::close(quiet_[0]);
        ::close(quiet_[1]);
    }

    PromptId ask(const std::string &name) {
        Prompt prompt;
        prompt.message = name;
        prompt.id = "id:" + name;
        prompt.number = ++last_number_;
        return open(std::move(prompt));
    }
    PromptId open(Prompt prompt) {
        return broker_->open(std::move(prompt), [this](PromptAnswer answer) {
            answers_.push_back(std::to_string(static_cast<int>(answer.status)) + " " +
                               std::string(answer.secret.view()));
        });
    }
    AskFile published() {
        for (const std::string &name : files()) {
            if (name.starts_with("ask."))
                return parse_ask_file(content(name)).value();
        }
        ADD_FAILURE() << "no question is published";
        return {};
    }
    static bool send(const std::string &socket, std::string_view datagram) {
        const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const sockaddr_un address = address_of(socket);
        return ::sendto(fd.get(), datagram.data(), datagram.size(), 0,
                        reinterpret_cast<const sockaddr *>(&address), sizeof(address)) >= 0;
    }

    std::array<int, 2> quiet_{-1, -1};
    test::FakeTerminal *serial_ = nullptr;
    std::unique_ptr<Consoles> consoles_;
    std::unique_ptr<PromptBroker> broker_;
    std::unique_ptr<AskPublisher> publisher_;
    std::vector<std::string> answers_;
    QuestionId last_number_ = 6;
};

TEST_F(AskPublisherTest, the_files_carry_the_number_of_the_question) {
    (void)ask("root");
    EXPECT_THAT(files(), testing::UnorderedElementsAre("ask.slipway-7", "sck.slipway-7"));
    broker_->suspend();
    EXPECT_THAT(files(), IsEmpty());
    broker_->resume();
    EXPECT_THAT(files(), testing::UnorderedElementsAre("ask.slipway-7", "sck.slipway-7"))
        << "it is the same question still";
}

TEST_F(AskPublisherTest, an_agent_finds_the_question_and_answers_it) {
    (void)ask("root");
    const AskFile question = published();
    EXPECT_EQ(question.message, "root");
    EXPECT_EQ(question.id, "id:root");
    EXPECT_EQ(question.pid, ::getpid());
    EXPECT_FALSE(question.echo);
    EXPECT_EQ(fs::status(question.socket).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write);
    ASSERT_TRUE(send(question.socket, "+word"));
    run_until([this] { return !answers_.empty(); });
    EXPECT_THAT(answers_, ElementsAre("0 word"));
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_EQ(serial_->shown, "root: \n") << "it is withdrawn from the console";
}

TEST_F(AskPublisherTest, an_agent_may_refuse) {
    (void)ask("root");
    ASSERT_TRUE(send(published().socket, "-"));
    run_until([this] { return !answers_.empty(); });
    EXPECT_THAT(answers_, ElementsAre("1 "));
}

TEST_F(AskPublisherTest, what_is_no_answer_is_ignored) {
    (void)ask("root");
    ASSERT_TRUE(send(published().socket, "nonsense"));
    ASSERT_TRUE(send(published().socket, "+" + std::string(5000, 'x')));
    ASSERT_TRUE(send(published().socket, "+word\0"s));
    run_until([this] { return !answers_.empty(); });
    EXPECT_THAT(answers_, ElementsAre("0 word"));
    EXPECT_EQ(log_.records().size(), 2U);
}

TEST_F(AskPublisherTest, the_next_question_has_a_socket_of_its_own) {
    (void)ask("one");
    const std::string first = published().socket;
    (void)ask("two");
    EXPECT_EQ(published().message, "one");
    ASSERT_TRUE(send(first, "+1"));
    run_until([this] { return !answers_.empty(); });
    EXPECT_EQ(published().message, "two");
    EXPECT_FALSE(send(first, "+2"));
    ASSERT_TRUE(send(published().socket, "+2"));
    run_until([this] { return answers_.size() == 2; });
    EXPECT_THAT(answers_, ElementsAre("0 1", "0 2"));
}

TEST_F(AskPublisherTest, nothing_is_left_when_the_question_ends_otherwise) {
    const PromptId id = ask("one");
    EXPECT_EQ(files().size(), 2U);
    broker_->withdraw(id);
    EXPECT_THAT(files(), IsEmpty());
    (void)ask("two");
    broker_->suspend();
    EXPECT_THAT(files(), IsEmpty());
    broker_->resume();
    EXPECT_EQ(published().message, "two");
    broker_.reset();
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(AskPublisherTest, a_limit_of_time_is_told) {
    Prompt prompt;
    prompt.message = "root";
    prompt.timeout = std::chrono::seconds(100);
    const Duration before = loop_->now();
    (void)open(std::move(prompt));
    EXPECT_GE(published().not_after, before + std::chrono::seconds(100));
}

TEST_F(AskPublisherTest, a_question_from_a_file_is_not_published_again) {
    Prompt prompt;
    prompt.message = "root";
    prompt.is_from_agent = true;
    (void)open(std::move(prompt));
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(AskPublisherTest, without_the_directory_the_console_still_asks) {
    fs::remove_all(directory_);
    std::ofstream(directory_) << "in the way";
    (void)ask("root");
    EXPECT_EQ(serial_->shown, "root: ");
    ASSERT_FALSE(log_.records().empty());
    EXPECT_THAT(log_.records().front().text, HasSubstr("only the consoles ask"));
}

// ---- a program asks, slipway answers ------------------------------------------------------------

class AskWatcherTest : public PasswordAgentTest {
protected:
    AskWatcherTest() {
        watcher_ = std::make_unique<AskWatcher>(
            system_, *loop_, log_,
            AskWatcher::Listener{
                [this](std::uint32_t number, const AskFile &question) {
                    events_.push_back("+" + question.message);
                    numbers_.push_back(number);
                    names_.push_back(question.file);
                },
                [this](std::uint32_t number) { events_.push_back("-" + std::to_string(number)); }},
            directory_);
    }

    // As the specification wants it: written under another name, then renamed.
    void ask(const std::string &name, const std::string &rest, const std::string &message = "") {
        const std::string temporary = directory_ + "/tmp." + name;
        std::ofstream(temporary) << "[Ask]\nSocket=" << socket()
                                 << "\nMessage=" << (message.empty() ? name : message) << "\n"
                                 << rest;
        fs::rename(temporary, directory_ + "/ask." + name);
    }
    std::string socket() const { return directory_ + "/sck.x"; }
    void remove(const std::string &name) { fs::remove(directory_ + "/ask." + name); }

    std::unique_ptr<AskWatcher> watcher_;
    std::vector<std::string> events_;
    std::vector<std::uint32_t> numbers_;
    std::vector<std::string> names_;
};

TEST_F(AskWatcherTest, sees_questions_come_and_go) {
    ASSERT_TRUE(watcher_->start());
    ask("a", "");
    run_until([this] { return events_.size() == 1; });
    ask("b", "");
    run_until([this] { return events_.size() == 2; });
    EXPECT_EQ(watcher_->open_count(), 2U);
    remove("a");
    run_until([this] { return events_.size() == 3; });
    EXPECT_THAT(events_, ElementsAre("+a", "+b", "-" + std::to_string(numbers_[0])));
}

TEST_F(AskWatcherTest, sees_what_was_there_before) {
    ask("a", "");
    ASSERT_TRUE(watcher_->start());
    EXPECT_THAT(events_, ElementsAre("+a"));
    EXPECT_THAT(names_, ElementsAre("ask.a")) << "for who has to find it again";
}

TEST_F(AskWatcherTest, sends_the_answer_and_asks_no_more) {
    const UniqueFd receiver(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(socket());
    ASSERT_EQ(::bind(receiver.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)),
              0);
    ask("a", "");
    ASSERT_TRUE(watcher_->start());
    watcher_->answer(numbers_.at(0), true, Secret("word"));
    watcher_->answer(numbers_.at(0), true, Secret("again"));
    std::array<char, 64> buffer{};
    const ssize_t size = ::recv(receiver.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(size)), "+word");
    EXPECT_LT(::recv(receiver.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), 0);
    remove("a");
    run_for(kMoment);
    EXPECT_THAT(events_, ElementsAre("+a")) << "its end is known already";
    EXPECT_EQ(watcher_->open_count(), 0U);
}

TEST_F(AskWatcherTest, a_refusal_is_sent_as_well) {
    const UniqueFd receiver(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(socket());
    ASSERT_EQ(::bind(receiver.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)),
              0);
    ask("a", "");
    ASSERT_TRUE(watcher_->start());
    watcher_->answer(numbers_.at(0), false, Secret());
    std::array<char, 64> buffer{};
    EXPECT_EQ(::recv(receiver.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), 1);
    EXPECT_EQ(buffer[0], '-');
}

TEST_F(AskWatcherTest, an_asker_that_is_gone_is_told_in_the_log) {
    ask("a", "");
    ASSERT_TRUE(watcher_->start());
    watcher_->answer(numbers_.at(0), true, Secret("word"));
    ASSERT_EQ(log_.records().size(), 1U);
    EXPECT_THAT(log_.records().front().text, HasSubstr("does not reach who asked"));
}

TEST_F(AskWatcherTest, ends_with_the_process_that_asked) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[1]);
        char byte = 0;
        (void)!::read(pipe[0], &byte, 1);
        ::_exit(0);
    }
    ::close(pipe[0]);
    ask("a", "PID=" + std::to_string(child) + "\n");
    ASSERT_TRUE(watcher_->start());
    EXPECT_THAT(events_, ElementsAre("+a"));
    ::close(pipe[1]);
    run_until([this] { return events_.size() == 2; });
    // The loop reaps children as PID 1 does, so it may have been first; then nobody has that number
    // any more.
    (void)::waitpid(child, nullptr, 0);
    ASSERT_EQ(::kill(child, 0), -1);
    ask("b", "PID=" + std::to_string(child) + "\n");
    run_for(kMoment);
    EXPECT_EQ(events_.size(), 2U);
}

TEST_F(AskWatcherTest, ends_when_its_time_is_over) {
    const Duration soon = loop_->now() + std::chrono::milliseconds(800);
    ask("a", "NotAfter=" + std::to_string(soon.count()) + "\n");
    ask("b", "NotAfter=1\n");
    ASSERT_TRUE(watcher_->start());
    EXPECT_THAT(events_, ElementsAre("+a"));
    run_until([this] { return events_.size() == 2; });
    EXPECT_GE(loop_->now(), soon);
}

TEST_F(AskWatcherTest, its_own_questions_and_what_is_no_question_are_left_alone) {
    ask("slipway-7", "");
    ask("mine", "PID=" + std::to_string(::getpid()) + "\n");
    std::ofstream(directory_ + "/other.a") << "[Ask]\nSocket=/s\n";
    std::ofstream(directory_ + "/ask.broken") << "[Ask]\nMessage=no socket\n";
    std::ofstream(directory_ + "/ask.long") << std::string(AskFile::kMaxBytes + 1, '\n');
    ASSERT_EQ(::mkfifo((directory_ + "/ask.fifo").c_str(), 0600), 0);
    fs::create_directory(directory_ + "/ask.dir");
    fs::create_symlink(directory_ + "/ask.mine", directory_ + "/ask.link");
    ASSERT_TRUE(watcher_->start());
    run_for(kMoment);
    EXPECT_THAT(events_, IsEmpty());
}

TEST_F(AskWatcherTest, their_number_is_bounded_and_the_rest_has_its_turn) {
    for (std::size_t i = 0; i < AskWatcher::kMaxQuestions + 2; ++i)
        ask("q" + std::to_string(10 + i), "");
    ASSERT_TRUE(watcher_->start());
    EXPECT_EQ(events_.size(), AskWatcher::kMaxQuestions);
    remove("q10");
    run_until([this] { return events_.size() == AskWatcher::kMaxQuestions + 2; });
    EXPECT_EQ(watcher_->open_count(), AskWatcher::kMaxQuestions);
}

TEST_F(AskWatcherTest, a_file_that_is_replaced_is_a_new_question) {
    ASSERT_TRUE(watcher_->start());
    ask("a", "", "first");
    run_until([this] { return events_.size() == 1; });
    ask("a", "", "second");
    run_until([this] { return events_.size() == 3; });
    EXPECT_THAT(events_, ElementsAre("+first", "-" + std::to_string(numbers_[0]), "+second"));
}

} // namespace
} // namespace slipway
