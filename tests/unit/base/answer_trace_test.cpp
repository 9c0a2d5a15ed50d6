// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/answer_trace.h"

#include <gmock/gmock.h>
#include <sys/un.h>

namespace slipway {
namespace {

using ::testing::HasSubstr;

TEST(AnswerTrace, AClientIsKnownByItsAddress) {
    for (const AnswerTrace trace : {AnswerTrace::freed_memory, AnswerTrace::buffers}) {
        const std::string address = address_of_client(trace, 4194304);
        EXPECT_LT(address.size(), sizeof(sockaddr_un::sun_path) - 1);
        EXPECT_EQ(trace_of_client(address), trace);
        EXPECT_NE(address_of_client(trace, 17), address);
    }
}

TEST(AnswerTrace, OtherClientsLeaveNone) {
    EXPECT_EQ(trace_of_client(""), std::nullopt);
    EXPECT_EQ(trace_of_client("f3ab/bus/busctl/system"), std::nullopt);
    EXPECT_EQ(trace_of_client("/run/slipway-port/1/buffers"), std::nullopt);
}

TEST(AnswerTrace, WhatIsNotKnownCountsAsTheWorst) {
    EXPECT_EQ(trace_of_client("slipway-port/1/somewhere"), AnswerTrace::buffers);
    EXPECT_EQ(trace_of_client("slipway-port/"), AnswerTrace::buffers);
}

TEST(AnswerTrace, TheRefusalSaysWhatToDo) {
    EXPECT_THAT(std::string(refusal_of(AnswerTrace::freed_memory)), HasSubstr("init_on_free=1"));
    EXPECT_THAT(std::string(refusal_of(AnswerTrace::buffers)), HasSubstr("a device of its own"));
}

} // namespace
} // namespace slipway
