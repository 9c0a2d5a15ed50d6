// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/bus_host.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"

namespace slipway {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr pid_t kFirstChild = 1001;
const std::string kProgram = "/usr/lib/slipway/slipway-bus";

// The socket is a real one; processes and time are not.
class BusHostTest : public testing::Test {
protected:
    BusHostTest() {
        std::string name = (fs::temp_directory_path() / "bus-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        system_.add_file(kProgram, "", 0755);
        system_.add_file(folder_ + "/bus", "", 0600);
        host_ = std::make_unique<BusHost>(
            system_, loop_, log_, BusHost::Sources{[this] { return std::string_view(record_); }},
            BusHost::Paths{folder_ + "/bus", kProgram});
        BusHost::Handlers handlers;
        handlers.command = [this](const UserCommand &command) { commands_.push_back(command); };
        host_->set_handlers(std::move(handlers));
        log_.add_sink([this](const LogRecord &line) { lines_.push_back(line.text); });
    }
    ~BusHostTest() override {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    int listener() const {
        for (int fd = 3; fd < 256; ++fd) {
            if (loop_.is_watching_fd(fd) && is_listening(fd))
                return fd;
        }
        return -1;
    }
    static bool is_listening(int fd) {
        int value = 0;
        socklen_t size = sizeof(value);
        return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1;
    }
    void first_client_comes() {
        ASSERT_TRUE(host_->open());
        loop_.deliver_fd(listener());
        channel_ = find_channel();
    }
    // PID 1's end: the only other descriptor that is watched.
    int find_channel() const {
        for (int fd = 3; fd < 256; ++fd) {
            if (loop_.is_watching_fd(fd) && !is_listening(fd))
                return fd;
        }
        return -1;
    }
    std::vector<std::string> received() {
        std::vector<std::string> packets;
        std::vector<char> buffer(bus::kMaxPiece + 1);
        while (true) {
            const ssize_t size =
                ::recv(system_.handed_over.at(1).get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size <= 0)
                return packets;
            packets.emplace_back(buffer.data(), static_cast<std::size_t>(size));
        }
    }
    void bus_says(const std::string &packet) {
        ASSERT_EQ(::send(system_.handed_over.at(1).get(), packet.data(), packet.size(), 0),
                  static_cast<ssize_t>(packet.size()));
        loop_.deliver_fd(channel_, EPOLLIN);
    }

    std::string folder_;
    std::string record_ = "slipway-record 1\n";
    test::FakeSystem system_;
    test::FakeEventLoop loop_;
    Log log_;
    std::vector<std::string> lines_;
    std::vector<UserCommand> commands_;
    std::unique_ptr<BusHost> host_;
    int channel_ = -1;
};

TEST_F(BusHostTest, costs_one_descriptor_until_somebody_connects) {
    ASSERT_TRUE(host_->open());
    EXPECT_GE(listener(), 0);
    EXPECT_THAT(system_.executed, IsEmpty());
    EXPECT_EQ(loop_.timer_count(), 0U);
    struct stat status{};
    ASSERT_EQ(::stat((folder_ + "/bus").c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    host_->feed();
    EXPECT_EQ(find_channel(), -1);
}

TEST_F(BusHostTest, an_image_without_the_program_has_no_socket) {
    ASSERT_TRUE(system_.remove_file(kProgram));
    ASSERT_TRUE(host_->open());
    EXPECT_FALSE(host_->is_open());
    EXPECT_FALSE(fs::exists(folder_ + "/bus"));
}

TEST_F(BusHostTest, the_first_client_starts_the_process_which_accepts_from_then_on) {
    first_client_comes();
    ASSERT_EQ(system_.executed.size(), 1U);
    EXPECT_EQ(system_.executed.front().path, kProgram);
    EXPECT_THAT(system_.executed.front().environment, ElementsAre(HasSubstr("malloc.perturb")));
    ASSERT_EQ(system_.handed_over.size(), 2U);
    EXPECT_TRUE(is_listening(system_.handed_over.front().get()));
    EXPECT_EQ(listener(), -1);
    EXPECT_TRUE(loop_.is_watching_child(kFirstChild));
}

TEST_F(BusHostTest, gives_the_record_in_pieces_and_says_where_it_is_whole) {
    record_ = std::string(bus::kMaxPiece, 'a') + "end\n";
    first_client_comes();
    loop_.deliver_fd(channel_, EPOLLOUT);
    EXPECT_THAT(received(), ElementsAre("r" + std::string(bus::kMaxPiece, 'a'), "wend\n"));
    record_ += "@1 time\n";
    host_->feed();
    EXPECT_THAT(received(), ElementsAre("w@1 time\n"));
    host_->feed();
    EXPECT_THAT(received(), IsEmpty());
}

TEST_F(BusHostTest, a_process_that_does_not_read_is_not_waited_for) {
    record_ = std::string(std::size_t{4} << 20U, 'a');
    first_client_comes();
    for (int round = 0; round < 1000; ++round)
        loop_.deliver_fd(channel_, EPOLLOUT);
    std::size_t bytes = 0;
    for (int round = 0; round < 1000; ++round) {
        for (const std::string &packet : received())
            bytes += packet.size() - 1;
        if (bytes == record_.size())
            break;
        EXPECT_LT(bytes, record_.size());
        loop_.deliver_fd(channel_, EPOLLOUT);
    }
    EXPECT_EQ(bytes, record_.size());
}

TEST_F(BusHostTest, gives_the_log_and_says_what_was_lost) {
    Log small(2);
    for (const char *text : {"one", "two", "three four"})
        small.info(text);
    BusHost host(system_, loop_, small, {[this] { return std::string_view(record_); }},
                 {folder_ + "/bus", kProgram});
    ASSERT_TRUE(host.open());
    loop_.deliver_fd(listener());
    loop_.deliver_fd(find_channel(), EPOLLOUT);
    EXPECT_THAT(received(),
                ElementsAre("wslipway-record 1\n", "m1", "l6 0 two", "l6 0 three%20four"));
    small.warning("five");
    host.feed();
    EXPECT_THAT(received(), ElementsAre("l4 0 five"));
}

TEST_F(BusHostTest, commands_become_events_and_are_answered) {
    first_client_comes();
    loop_.deliver_fd(channel_, EPOLLOUT);
    (void)received();
    bus_says("1 retry sysroot");
    bus_says("2 set_deadline md@1 5000000");
    ASSERT_EQ(commands_.size(), 1U) << "the next one is read when the first is answered";
    loop_.deliver_fd(channel_, EPOLLOUT);
    loop_.deliver_fd(channel_, EPOLLIN);
    loop_.deliver_fd(channel_, EPOLLOUT);
    ASSERT_EQ(commands_.size(), 2U);
    EXPECT_EQ(commands_[0].verb, UserCommand::Verb::retry);
    EXPECT_EQ(commands_[0].unit, "sysroot");
    EXPECT_EQ(commands_[1].verb, UserCommand::Verb::set_deadline);
    EXPECT_EQ(commands_[1].time, std::chrono::seconds(5));
    EXPECT_THAT(received(), ElementsAre("a1 -", "a2 -"));
}

TEST_F(BusHostTest, without_a_break_there_is_nothing_to_go_on_from) {
    first_client_comes();
    loop_.deliver_fd(channel_, EPOLLOUT);
    (void)received();
    bus_says("9 continue");
    loop_.deliver_fd(channel_, EPOLLOUT);
    EXPECT_THAT(received(), ElementsAre(HasSubstr("a9 the%20boot%20does%20not%20stand")));
    BusHost::Handlers handlers;
    handlers.go_on = [] { return Result<>(); };
    host_->set_handlers(std::move(handlers));
    bus_says("10 continue");
    loop_.deliver_fd(channel_, EPOLLOUT);
    EXPECT_THAT(received(), ElementsAre("a10 -"));
}

TEST_F(BusHostTest, a_process_that_breaks_the_format_is_ended) {
    first_client_comes();
    bus_says("reboot now");
    EXPECT_THAT(system_.calls, Contains("kill 1001 9"));
    EXPECT_THAT(lines_, Contains(HasSubstr("sent what is no command")));
    EXPECT_THAT(commands_, IsEmpty());
}

TEST_F(BusHostTest, after_its_death_the_next_client_starts_another_one_after_a_pause) {
    first_client_comes();
    loop_.deliver_fd(channel_, EPOLLOUT);
    loop_.child_exited(kFirstChild, {.pid = 0, .code = CLD_KILLED, .status = SIGSEGV});
    EXPECT_EQ(listener(), -1);
    loop_.advance(BusHost::kFirstPause * 2);
    ASSERT_GE(listener(), 0);
    loop_.deliver_fd(listener());
    ASSERT_EQ(system_.executed.size(), 2U);
    channel_ = find_channel();
    loop_.deliver_fd(channel_, EPOLLOUT);
    EXPECT_THAT(received(), Contains("wslipway-record 1\n")) << "from the beginning";
}

TEST_F(BusHostTest, one_that_dies_again_and_again_is_given_up) {
    ASSERT_TRUE(host_->open());
    for (unsigned i = 0; i < BusHost::kMaxStarts; ++i) {
        ASSERT_GE(listener(), 0) << i;
        loop_.deliver_fd(listener());
        loop_.child_exited(kFirstChild + static_cast<pid_t>(i),
                           {.pid = 0, .code = CLD_EXITED, .status = 127});
        loop_.advance(std::chrono::minutes(1));
    }
    EXPECT_FALSE(host_->is_open());
    EXPECT_EQ(system_.executed.size(), BusHost::kMaxStarts);
    EXPECT_THAT(lines_, Contains(HasSubstr("5 times, the last time with status 127")));
}

TEST_F(BusHostTest, a_program_that_cannot_be_started_is_given_up_at_once) {
    system_.fail("spawn", kProgram, ENOEXEC);
    ASSERT_TRUE(host_->open());
    loop_.deliver_fd(listener());
    EXPECT_FALSE(host_->is_open());
    EXPECT_THAT(lines_, Contains(HasSubstr("there is no status interface")));
}

TEST_F(BusHostTest, the_end_does_not_wait_for_anything_when_nobody_looked) {
    ASSERT_TRUE(host_->open());
    bool is_done = false;
    host_->end([&] { is_done = true; });
    EXPECT_TRUE(is_done);
    EXPECT_FALSE(host_->is_open());
    EXPECT_THAT(system_.calls, Not(Contains(HasSubstr("kill"))));
}

TEST_F(BusHostTest, the_end_says_farewell_and_waits_for_the_process) {
    first_client_comes();
    loop_.deliver_fd(channel_, EPOLLOUT);
    (void)received();
    bool is_done = false;
    host_->end([&] { is_done = true; });
    EXPECT_FALSE(is_done);
    EXPECT_THAT(received(), ElementsAre("x"));
    loop_.child_exited(kFirstChild, {.pid = 0, .code = CLD_EXITED, .status = 0});
    EXPECT_TRUE(is_done);
    EXPECT_EQ(loop_.timer_count(), 0U);
    ASSERT_TRUE(host_->open()) << "the switch may have failed";
    EXPECT_GE(listener(), 0);
}

TEST_F(BusHostTest, a_process_that_does_not_end_is_killed) {
    first_client_comes();
    bool is_done = false;
    host_->end([&] { is_done = true; });
    loop_.advance(BusHost::kPatience);
    EXPECT_THAT(system_.calls, Contains("kill 1001 9"));
    loop_.child_exited(kFirstChild, {.pid = 0, .code = CLD_KILLED, .status = SIGKILL});
    EXPECT_TRUE(is_done);
}

} // namespace
} // namespace slipway
