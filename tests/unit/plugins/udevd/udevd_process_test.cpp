// SPDX-License-Identifier: LGPL-2.1-or-later
#include "udevd/udevd_process.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <array>
#include <chrono>

namespace slipway::udevd {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Perl is a part of every Debian; a shell cannot send a datagram.
Result<UdevdProcess> start_perl(const std::string &program) {
    return UdevdProcess::start({"/usr/bin/perl", "-e", program});
}

const std::string kNotify = "use Socket; my $to = $ENV{NOTIFY_SOCKET}; substr($to, 0, 1) = chr(0);"
                            "sub note { socket(my $s, AF_UNIX, SOCK_DGRAM, 0);"
                            "           send($s, $_[0], 0, pack_sockaddr_un($to)) or die }";

TEST(UdevdProcessTest, IsReadyWhenItSaysSo) {
    auto process = start_perl(kNotify + "note(\"STATUS=beginning\"); note(\"READY=1\"); sleep 60");
    ASSERT_TRUE(process) << process.error().message();
    const auto ready = process->wait_until_ready(20s);
    EXPECT_TRUE(ready) << ready.error().message();
}

TEST(UdevdProcessTest, OneThatEndsIsNotWaitedFor) {
    auto process = UdevdProcess::start({"/bin/sh", "-c", "exit 3"});
    ASSERT_TRUE(process);
    const auto ready = process->wait_until_ready(20s);
    ASSERT_FALSE(ready);
    EXPECT_EQ(ready.error().message(), "has ended with exit code 3");
}

TEST(UdevdProcessTest, OneThatSaysNothingIsGivenUp) {
    auto process = UdevdProcess::start({"/bin/sleep", "60"});
    ASSERT_TRUE(process);
    const auto ready = process->wait_until_ready(50ms);
    ASSERT_FALSE(ready);
    EXPECT_THAT(ready.error().message(), HasSubstr("did not say"));
}

TEST(UdevdProcessTest, OneThatIgnoresTheEndIsKilled) {
    const auto begin = std::chrono::steady_clock::now();
    {
        auto process = start_perl(kNotify + "$SIG{TERM} = 'IGNORE'; note(\"READY=1\"); sleep 60");
        ASSERT_TRUE(process);
        ASSERT_TRUE(process->wait_until_ready(20s));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
}

TEST(UdevdProcessTest, TellsHowItEnded) {
    auto process = start_perl(kNotify + "note(\"READY=1\"); kill 'KILL', $$");
    ASSERT_TRUE(process);
    ASSERT_TRUE(process->wait_until_ready(20s));
    std::array<int, 2> ends{-1, -1};
    ASSERT_EQ(::pipe(ends.data()), 0);
    EXPECT_EQ(process->wait_for_end(ends[0]), "was killed by signal 9");
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(UdevdProcessTest, IsNotWaitedForAfterTheRequestToStop) {
    auto process = UdevdProcess::start({"/bin/sleep", "60"});
    ASSERT_TRUE(process);
    std::array<int, 2> ends{-1, -1};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ASSERT_EQ(::write(ends[1], "x", 1), 1);
    EXPECT_EQ(process->wait_for_end(ends[0]), "");
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(UdevdProcessTest, AProgramThatIsNotThereIsAnError) {
    EXPECT_FALSE(UdevdProcess::start({"/nonexistent/udevd"}));
}

} // namespace
} // namespace slipway::udevd
