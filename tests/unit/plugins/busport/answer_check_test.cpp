// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/answer_check.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <initializer_list>
#include <string_view>

#include "base/unique_fd.h"
#include "unit/builder/temporary_directory.h"

namespace slipway::busport {
namespace {

// The messages are of Linux 6.12.
constexpr std::string_view kOn = "6,61,0,-;mem auto-init: stack:all(zero), heap alloc:on, heap "
                                 "free:on\n";
constexpr std::string_view kOff = "6,61,0,-;mem auto-init: stack:all(zero), heap alloc:on, heap "
                                  "free:off\n";

bool wipes_with(std::initializer_list<std::string_view> records) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_DIRECT), 0);
    const UniqueFd reader(ends[0]);
    const UniqueFd writer(ends[1]);
    for (const std::string_view record : records)
        EXPECT_EQ(::write(writer.get(), record.data(), record.size()),
                  static_cast<ssize_t>(record.size()));
    return wipes_freed_memory("/proc/self/fd/" + std::to_string(reader.get()));
}

TEST(AnswerCheck, TheKernelSaysWhetherItWipes) {
    EXPECT_TRUE(wipes_with({"5,0,0,-;Linux version 6.12\n", kOn}));
    EXPECT_FALSE(wipes_with({"5,0,0,-;Linux version 6.12\n", kOff}));
}

TEST(AnswerCheck, WithoutItsWordItDoesNot) {
    EXPECT_FALSE(wipes_with({"5,900,0,-;the beginning was overwritten\n"}));
    EXPECT_FALSE(wipes_freed_memory("/absent/kmsg"));
}

TEST(AnswerCheck, AProgramsWordDoesNotCount) {
    EXPECT_FALSE(wipes_with({"14,5,9,-;mem auto-init: heap free:on\n", kOff}));
    EXPECT_FALSE(wipes_with({"6,5,9,-;x: mem auto-init: heap free:on\n", kOff}));
}

TEST(AnswerCheck, AnswersStayWhereBuffersAreSharedOrNotWiped) {
    slipway::testing::TemporaryDirectory sysfs;
    const std::string ports = "virtio0/virtio-ports/";
    sysfs.write(ports + "vport1p1/name", "org.slipway.bus\n");
    const std::string port = sysfs.path() + "/" + ports + "vport1p1";
    EXPECT_EQ(trace_of_answers(true, port), std::nullopt);
    EXPECT_EQ(trace_of_answers(false, port), AnswerTrace::freed_memory);
    sysfs.write(ports + "vport1p2/name", "console\n");
    EXPECT_EQ(trace_of_answers(true, port), AnswerTrace::buffers);
    EXPECT_EQ(trace_of_answers(true, "/absent/virtio-ports/vport1p1"), AnswerTrace::buffers);
}

} // namespace
} // namespace slipway::busport
