// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/prompt_agent.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sys/linux_system.h"

namespace slipway {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PromptAgentTest : public testing::Test {
protected:
    PromptAgentTest() {
        std::string name = (fs::temp_directory_path() / "agent-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (folder_ + "/sck").copy(address.sun_path, sizeof(address.sun_path) - 1);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof(address)),
                  0);
    }
    ~PromptAgentTest() override {
        ::close(socket_);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    void asks(const std::string &name, const std::string &message,
              const std::string &socket = "sck") {
        std::ofstream(folder_ + "/" + name)
            << "[Ask]\nSocket=" << folder_ << "/" << socket << "\nMessage=" << message << "\n";
    }
    std::string received() const {
        std::array<char, 200> buffer{};
        const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(size));
    }
    static OpenPrompt question(const std::string &text, const std::string &file) {
        return {text, "", true, file};
    }
    std::string problem_of(const std::string &text, const std::string &file) {
        LinuxSystem system;
        const auto answered =
            PromptAgent(system, folder_).answer(question(text, file), Secret("x"));
        return answered ? "none" : answered.error().message();
    }

    std::string folder_;
    int socket_ = -1;
};

TEST_F(PromptAgentTest, answers_the_question_of_that_file) {
    asks("ask.1", "Passphrase", "absent");
    asks("ask.2", "Passphrase");
    LinuxSystem system;
    PromptAgent agent(system, folder_);
    EXPECT_TRUE(agent.answer(question("Passphrase", "ask.2"), Secret("correct horse")));
    EXPECT_EQ(received(), "+correct horse");
}

TEST_F(PromptAgentTest, answers_a_yes_or_no_question) {
    asks("ask.1", "Start without the others? [y/N]");
    LinuxSystem system;
    PromptAgent agent(system, folder_);
    EXPECT_TRUE(agent.answer(question("Start without the others?", "ask.1"), Secret("y")));
    EXPECT_EQ(received(), "+y");
}

TEST_F(PromptAgentTest, a_question_that_is_over_gets_nothing) {
    EXPECT_THAT(problem_of("Passphrase", "ask.1"), HasSubstr("nobody asks this any more"));
    asks("ask.2", "Passphrase");
    EXPECT_THAT(problem_of("Passphrase", "ask.1"), HasSubstr("nobody asks this any more"))
        << "the next try has the same text";
    asks("ask.1", "Passphrase for another");
    EXPECT_THAT(problem_of("Passphrase", "ask.1"), HasSubstr("nobody asks this any more"))
        << "its name was used again";
    EXPECT_THAT(problem_of("", "ask.1"), HasSubstr("nobody asks this any more"));
    EXPECT_EQ(received(), "nothing");
    LinuxSystem system;
    EXPECT_FALSE(
        PromptAgent(system, folder_ + "/absent").answer(question("x", "ask.1"), Secret("x")));
}

TEST_F(PromptAgentTest, only_files_of_the_folder_are_looked_at) {
    asks("ask.1", "Passphrase");
    EXPECT_THAT(problem_of("Passphrase", "../" + fs::path(folder_).filename().string() + "/ask.1"),
                HasSubstr("does not say where this is asked"));
    EXPECT_THAT(problem_of("Passphrase", ""), HasSubstr("does not say where this is asked"));
    std::ofstream(folder_ + "/ask.0") << "no ask file\n";
    EXPECT_THAT(problem_of("Passphrase", "ask.0"), HasSubstr("nobody asks this any more"));
    EXPECT_EQ(received(), "nothing");
    EXPECT_EQ(problem_of("Passphrase", "ask.1"), "none");
}

TEST_F(PromptAgentTest, an_asker_that_is_gone_is_an_error) {
    asks("ask.1", "Passphrase", "absent");
    EXPECT_THAT(problem_of("Passphrase", "ask.1"), HasSubstr("send the answer to"));
}

} // namespace
} // namespace slipway
