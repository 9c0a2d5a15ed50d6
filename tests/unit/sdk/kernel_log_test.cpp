// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/kernel_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "unit/builder/temporary_directory.h"

namespace slipway::sdk {
namespace {

// What is read at once is one record, as of /dev/kmsg.
class KernelLogTest : public ::testing::Test {
protected:
    KernelLogTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_DIRECT), 0);
        reader_ = UniqueFd(ends[0]);
        writer_ = UniqueFd(ends[1]);
    }
    void write(std::string_view record) {
        EXPECT_EQ(::write(writer_.get(), record.data(), record.size()),
                  static_cast<ssize_t>(record.size()));
    }
    [[nodiscard]] std::string path() const {
        return "/proc/self/fd/" + std::to_string(reader_.get());
    }

    UniqueFd reader_;
    UniqueFd writer_;
};

TEST(KernelRecord, IsReducedToItsText) {
    const auto message = parse_kernel_record("6,339,5140900,-;PM: Image \x1b"
                                             "not found\n SUBSYSTEM=x\n");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->text, "PM: Image ?not found");
    EXPECT_TRUE(message->is_kernels_own);
    EXPECT_EQ(parse_kernel_record("6,1,1,-;" + std::string(1000, 'x'))->text.size(), 200U);
    EXPECT_EQ(parse_kernel_record("4,1,1,-;")->text, "");
}

TEST(KernelRecord, AProgramsIsToldFromTheKernels) {
    EXPECT_TRUE(parse_kernel_record("7,1,1,-;x")->is_kernels_own);
    EXPECT_FALSE(parse_kernel_record("8,1,1,-;x")->is_kernels_own);
    EXPECT_FALSE(parse_kernel_record("30,1,1,-;x")->is_kernels_own);
}

TEST(KernelRecord, OtherTextIsNone) {
    EXPECT_FALSE(parse_kernel_record(""));
    EXPECT_FALSE(parse_kernel_record("no record"));
    EXPECT_FALSE(parse_kernel_record("x,1,1,-;text"));
    EXPECT_FALSE(parse_kernel_record("6,1,1,-"));
}

TEST_F(KernelLogTest, IsReadRecordByRecordWithoutWaiting) {
    write("6,1,1,-;first\n");
    write("damaged");
    write("6,2,2,-;second\n");
    KernelLog log(path(), KernelLog::From::beginning);
    EXPECT_EQ(log.next()->text, "first");
    EXPECT_EQ(log.next()->text, "second");
    EXPECT_FALSE(log.next());
    write("6,3,3,-;third\n");
    EXPECT_EQ(log.next()->text, "third");
}

TEST(KernelLog, FromNowOnHasNothingOfWhatWas) {
    const slipway::testing::TemporaryDirectory folder;
    KernelLog log(folder.write("kmsg", "6,1,1,-;old\n"), KernelLog::From::now);
    EXPECT_FALSE(log.next());
}

TEST(KernelLog, OneThatCannotBeReadIsEmpty) {
    KernelLog log("/absent/kmsg", KernelLog::From::beginning);
    EXPECT_FALSE(log.next());
}

} // namespace
} // namespace slipway::sdk
