// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/protocol.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

RequestMessage request() {
    RequestMessage message;
    message.job = 7;
    message.operation = 1;
    message.plugin = "demo";
    message.library = "/usr/lib/slipway/plugins/demo.so";
    message.unit = "demo@key";
    message.params = {{"a", "1"}};
    message.options = {{"rd.x", "1\n2"}};
    message.devices = {{"/sys/devices/vda", {{"fs_type", "ext4"}, {"empty", ""}}}};
    message.wanted = {"UUID=1"};
    return message;
}

TEST(Protocol, ARequestSurvivesTheWay) {
    const auto decoded = decode(encode(request()));
    ASSERT_TRUE(decoded);
    const auto &message = std::get<RequestMessage>(*decoded);
    EXPECT_EQ(message.job, 7U);
    EXPECT_EQ(message.unit, "demo@key");
    EXPECT_EQ(message.devices.at(0).second.at(0).second, "ext4");
    EXPECT_EQ(message.wanted.at(0), "UUID=1");
}

TEST(Protocol, EveryTypeKeepsItsIndex) {
    const std::vector<Message> messages = {request(),
                                           AnswerMessage{1, 2, 3, 1},
                                           WorkerLogMessage{1, 6, "x"},
                                           ProgressMessage{1, "x"},
                                           AskMessage{1, "m", "i", 1, 99, 1},
                                           FactsMessage{1, "/sys/x", {{"k", "v"}}},
                                           MemberMessage{1, "u@k", "n", 2, {"/dev/x"}},
                                           UnitsMessage{1, "[[unit]]"},
                                           ResultMessage{1, 2, "why", {"m"}},
                                           AcquireMessage{1, "memory", 4},
                                           ReleaseMessage{1},
                                           ReadyMessage{1},
                                           GrantMessage{1},
                                           GiveAnswerMessage{1, "i", 5},
                                           AnswerTakenMessage{1, 28}};
    for (const Message &message : messages) {
        const auto decoded = decode(encode(message));
        ASSERT_TRUE(decoded) << message.index();
        EXPECT_EQ(decoded->index(), message.index());
        EXPECT_EQ(encode(*decoded), encode(message));
    }
}

TEST(Protocol, EveryTruncationIsRefused) {
    const auto packet = encode(request());
    for (std::size_t size = 0; size < packet.size(); ++size)
        EXPECT_FALSE(decode(std::span(packet).first(size))) << size;
}

TEST(Protocol, TrailingBytesAreRefused) {
    auto packet = encode(ProgressMessage{1, "x"});
    packet.push_back(std::byte{0});
    EXPECT_FALSE(decode(packet));
}

TEST(Protocol, AnotherVersionAndUnknownTypesAreRefused) {
    auto packet = encode(ProgressMessage{1, "x"});
    packet[0] = std::byte{9};
    EXPECT_FALSE(decode(packet));
    packet = encode(ProgressMessage{1, "x"});
    packet[1] = std::byte{200};
    EXPECT_FALSE(decode(packet));
}

TEST(Protocol, ACountBeyondThePacketDoesNotAllocate) {
    // A ResultMessage whose list claims four billion entries.
    auto packet = encode(ResultMessage{1, 0, "", {}});
    for (std::size_t i = packet.size() - 4; i < packet.size(); ++i)
        packet[i] = std::byte{0xFF};
    EXPECT_FALSE(decode(packet));
}

TEST(Protocol, EveryFlippedByteIsDecodedOrRefusedWithoutHarm) {
    const auto packet = encode(request());
    for (std::size_t i = 0; i < packet.size(); ++i) {
        auto damaged = packet;
        damaged[i] ^= std::byte{0x80};
        (void)decode(damaged); // the sanitizers judge
    }
}

} // namespace
} // namespace slipway
