// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/kmsg_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Each write(2) is one packet, as it is one record of the kernel's log.
struct PacketPair {
    UniqueFd sink;
    UniqueFd reader;
};

PacketPair make_pair() {
    std::array<int, 2> fds = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()),
              0);
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::string next_packet(const UniqueFd &fd) {
    std::array<char, 2048> buffer = {};
    const ssize_t size = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
}

TEST(KmsgSink, writes_one_record_per_line_with_its_level) {
    PacketPair pair = make_pair();
    const KmsgSink sink(std::move(pair.sink));
    sink.write({LogLevel::warning, "disk is slow"});
    sink.write({LogLevel::info, "disk is there"});
    EXPECT_EQ(next_packet(pair.reader), "<4>slipway: disk is slow");
    EXPECT_EQ(next_packet(pair.reader), "<6>slipway: disk is there");
}

TEST(KmsgSink, lifts_the_rate_limit_and_opens_the_kernel_log) {
    PacketPair pair = make_pair();
    test::FakeSystem system;
    system.add_file("/proc/sys/kernel/printk_devkmsg", "ratelimit\n");
    system.add_descriptor("/dev/kmsg", std::move(pair.sink));
    auto sink = KmsgSink::open(system);
    ASSERT_TRUE(sink);
    EXPECT_EQ(system.content("/proc/sys/kernel/printk_devkmsg"), "on\n");
    sink->write({LogLevel::error, "x"});
    EXPECT_EQ(next_packet(pair.reader), "<3>slipway: x");
}

TEST(KmsgSink, survives_a_fixed_rate_limit_but_reports_a_missing_log) {
    test::FakeSystem system;
    const auto sink = KmsgSink::open(system);
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().code(), ENOENT);
}

TEST(KmsgLines, cut_long_texts_between_characters) {
    const std::string text(2000, 'x');
    const auto lines = kmsg_lines(LogLevel::info, text);
    ASSERT_THAT(lines, SizeIs(3));
    std::string joined;
    for (const std::string &line : lines) {
        EXPECT_LE(line.size(), KmsgSink::kMaxLineBytes);
        EXPECT_TRUE(line.starts_with("<6>slipway: "));
        joined += line.substr(12);
    }
    EXPECT_EQ(joined, text);
}

TEST(KmsgLines, never_split_a_character) {
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "\xE2\x82\xAC"; // three bytes
    for (const std::string &line : kmsg_lines(LogLevel::info, text))
        EXPECT_EQ((line.size() - 12) % 3, 0U);
}

TEST(KmsgLines, are_as_many_as_needed) {
    EXPECT_THAT(kmsg_lines(LogLevel::debug, "a"), ElementsAre("<7>slipway: a"));
    EXPECT_THAT(kmsg_lines(LogLevel::debug, ""), IsEmpty());
}

} // namespace
} // namespace slipway
