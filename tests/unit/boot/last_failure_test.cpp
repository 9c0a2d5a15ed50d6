// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/last_failure.h"

#include <cerrno>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using testing::StartsWith;

const std::string kVariable = std::string(kEfiVariables) + "/" + kFailureVariable;

class LastFailureTest : public testing::Test {
protected:
    LastFailureTest() { parts_.headline = "the real root is not there"; }
    void add_firmware() { system_.add_file(std::string(kEfiVariables) + "/Boot0001-x", "x"); }
    void child_ends(int code, int status) {
        loop_.child_exited(2001, {.pid = 2001, .code = code, .status = status});
    }

    test::FakeEventLoop loop_;
    test::FakeSystem system_;
    Log log_;
    FailureParts parts_;
    const FailurePartition none_{.device = {}, .why_not = "there is no EFI system partition"};
    const FailurePartition esp_{.device = "/dev/vda1", .why_not = {}};
    LastFailure failure_{system_, loop_, log_};
};

TEST_F(LastFailureTest, GoesIntoTheMemoryThatTheKernelKeeps) {
    system_.add_node("/dev/pmsg0", S_IFCHR, 1);
    add_firmware();
    EXPECT_EQ(failure_.keep(parts_, none_), LastFailure::kTimeToWrite);
    ASSERT_THAT(system_.written_by_children, SizeIs(1));
    EXPECT_EQ(system_.written_by_children[0].first, "/dev/pmsg0");
    EXPECT_THAT(system_.written_by_children[0].second, StartsWith("slipway-failure 1\n"));
    child_ends(CLD_EXITED, 0);
    EXPECT_EQ(log_.records().back().level, LogLevel::info);
}

TEST_F(LastFailureTest, OrIntoAVariableOfTheFirmwareWhichIsSmall) {
    add_firmware();
    parts_.command_line.assign(3000, 'x');
    parts_.why.assign(100, "because");
    EXPECT_EQ(failure_.keep(parts_, none_), LastFailure::kTimeToWrite);
    ASSERT_THAT(system_.written_by_children, SizeIs(1));
    EXPECT_EQ(system_.written_by_children[0].first, kVariable);
    const std::string &value = system_.written_by_children[0].second;
    EXPECT_EQ(value.substr(0, 4), std::string("\7\0\0\0", 4));
    EXPECT_THAT(value.substr(4), StartsWith("slipway-failure 1\n"));
    EXPECT_THAT(value.size(), Le(LastFailure::kVariableBytes + 4));
}

TEST_F(LastFailureTest, OrOnTheSystemPartitionWhereNeitherIs) {
    EXPECT_EQ(failure_.keep(parts_, esp_), LastFailure::kTimeToWriteOnDisk);
    EXPECT_THAT(system_.written_by_children, IsEmpty());
    ASSERT_THAT(system_.written_on_partitions, SizeIs(1));
    const PartitionFile &file = system_.written_on_partitions[0];
    EXPECT_EQ(file.device, "/dev/vda1");
    EXPECT_EQ(file.directory + "/" + file.name, "slipway/last-failure");
    EXPECT_EQ(file.kept, 3U);
    EXPECT_THAT(file.content, StartsWith("slipway-failure 1\n"));
    EXPECT_THAT(file.content.size(), Le(LastFailure::kFileBytes));
    loop_.child_exited(3001, {.pid = 3001, .code = CLD_EXITED, .status = 0});
    EXPECT_THAT(log_.records().back().text, HasSubstr("/slipway/last-failure-1.txt on /dev/vda1"));
}

TEST_F(LastFailureTest, TheSystemPartitionIsNotTouchedWhereTheFirmwareTakesIt) {
    add_firmware();
    EXPECT_EQ(failure_.keep(parts_, esp_), LastFailure::kTimeToWriteOnDisk);
    child_ends(CLD_EXITED, 0);
    EXPECT_THAT(system_.written_on_partitions, IsEmpty());
}

TEST_F(LastFailureTest, FirmwareThatTakesNoVariablesIsNoReasonToGiveUp) {
    add_firmware();
    EXPECT_EQ(failure_.keep(parts_, esp_), LastFailure::kTimeToWriteOnDisk);
    child_ends(CLD_EXITED, EROFS);
    EXPECT_THAT(system_.written_on_partitions, SizeIs(1));
    loop_.child_exited(3001, {.pid = 3001, .code = CLD_EXITED, .status = EUCLEAN});
    EXPECT_THAT(log_.records().back().text, HasSubstr("Structure needs cleaning (it was not"));
}

TEST_F(LastFailureTest, AKernelWithoutTheFileSystemIsToldWhatToDo) {
    EXPECT_EQ(failure_.keep(parts_, esp_), LastFailure::kTimeToWriteOnDisk);
    loop_.child_exited(3001, {.pid = 3001, .code = CLD_EXITED, .status = ENODEV});
    EXPECT_THAT(log_.records().back().text, HasSubstr("slipway build --modules vfat"));
}

TEST_F(LastFailureTest, OnceInABoot) {
    add_firmware();
    EXPECT_EQ(failure_.keep(parts_, none_), LastFailure::kTimeToWrite);
    EXPECT_EQ(failure_.keep(parts_, none_), Duration{0});
    EXPECT_THAT(system_.written_by_children, SizeIs(1));
}

TEST_F(LastFailureTest, AMachineWithoutAPlaceSaysSo) {
    EXPECT_EQ(failure_.keep(parts_, none_), Duration{0});
    system_.add_directory(kEfiVariables); // nothing is mounted there
    LastFailure second(system_, loop_, log_);
    EXPECT_EQ(second.keep(parts_, none_), Duration{0});
    EXPECT_THAT(system_.written_by_children, IsEmpty());
    EXPECT_THAT(log_.records().back().text, HasSubstr("nowhere to keep the report"));
    EXPECT_THAT(log_.records().back().text, HasSubstr("there is no EFI system partition"));
}

TEST_F(LastFailureTest, WhatGoesWrongIsTold) {
    add_firmware();
    EXPECT_EQ(failure_.keep(parts_, none_), LastFailure::kTimeToWrite);
    child_ends(CLD_EXITED, ENOSPC);
    EXPECT_THAT(log_.records().back().text, HasSubstr("No space left on device"));
    system_.fail("child", kVariable, EAGAIN);
    LastFailure second(system_, loop_, log_);
    EXPECT_EQ(second.keep(parts_, none_), Duration{0});
    EXPECT_THAT(log_.records().back().text, HasSubstr("not kept over a restart"));
}

TEST_F(LastFailureTest, FirmwareThatTakesTooLongIsTold) {
    add_firmware();
    EXPECT_EQ(failure_.keep(parts_, none_), LastFailure::kTimeToWrite);
    child_ends(CLD_KILLED, SIGALRM);
    EXPECT_THAT(log_.records().back().text, HasSubstr("took too long"));
}

} // namespace
} // namespace slipway
