// SPDX-License-Identifier: LGPL-2.1-or-later
#include "previous/previous_failures.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "boot/failure_text.h"
#include "boot/last_failure.h"
#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string written(const std::string &headline) {
    FailureParts parts;
    parts.headline = headline;
    return failure_text(parts, 4096);
}

TEST(FindFailure, ReadsWhatTheInitrdWrote) {
    const auto failure = find_failure(written("the real root is not there"));
    ASSERT_TRUE(failure);
    EXPECT_TRUE(failure->is_whole);
    EXPECT_THAT(failure->text, HasSubstr("what the real root is not there\n"));
    EXPECT_EQ(failure->text.find("slipway-failure"), std::string::npos);
}

TEST(FindFailure, TakesTheLastOfSeveralAmongWhatOthersWrote) {
    const auto failure =
        find_failure("noise" + written("first") + "\x01\x02" + written("second") + "more\nend\n");
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->text, HasSubstr("what second\n"));
    EXPECT_EQ(failure->text.find("more"), std::string::npos);
}

TEST(FindFailure, SaysWhenTheEndIsMissing) {
    const std::string text = written("cut");
    const auto failure = find_failure(std::string_view(text).substr(0, text.size() - 4));
    ASSERT_TRUE(failure);
    EXPECT_FALSE(failure->is_whole);
}

TEST(FindFailure, HostileBytesDoNotReachTheTerminal) {
    const auto failure = find_failure("slipway-failure 1\nwhat \033[2J\xff\0x\nend");
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->text.find('\033'), std::string::npos);
    EXPECT_FALSE(find_failure("").has_value());
    EXPECT_FALSE(find_failure("slipway-failure 2\nend\n").has_value());
    EXPECT_FALSE(find_failure(std::string(100000, '\n')).has_value());
    std::string endless = "slipway-failure 1\n";
    for (int i = 0; i < 100000; ++i)
        endless += "x\n";
    EXPECT_LT(find_failure(endless)->text.size(), 10000U);
}

TEST(PreviousFailures, AreFoundInPstoreInSystemdsArchiveAndInTheFirmware) {
    const testing::TemporaryDirectory root;
    EXPECT_THAT(read_previous_failures(root.path()), IsEmpty());
    root.write("sys/fs/pstore/pmsg-ramoops-0", written("pstore"));
    root.write("sys/fs/pstore/dmesg-ramoops-0", written("not ours"));
    root.write("var/lib/systemd/pstore/17000/pmsg-ramoops-0", written("archive"));
    root.write(std::string(kEfiVariables).substr(1) + "/" + kFailureVariable,
               efi_variable(written("firmware")));
    const auto failures = read_previous_failures(root.path());
    ASSERT_THAT(failures, SizeIs(3));
    EXPECT_THAT(failures[0].text, HasSubstr("what pstore\n"));
    EXPECT_THAT(failures[1].text, HasSubstr("what archive\n"));
    EXPECT_THAT(failures[2].text, HasSubstr("what firmware\n"));
    EXPECT_THAT(failures[2].source, HasSubstr("SlipwayLastFailure-"));
}

TEST(PreviousFailures, AreFoundOnTheSystemPartitionTheNewestFirst) {
    const testing::TemporaryDirectory root;
    root.write("boot/efi/slipway/last-failure-2.txt", written("older"));
    root.write("boot/efi/slipway/last-failure-1.txt", written("newer"));
    root.write("boot/efi/slipway/last-failure-4.txt", written("not ours"));
    root.write("boot/efi/slipway/last-failure.new", written("half"));
    root.write("boot/slipway/last-failure-1.txt", "slipway-failure 1\nwhat \033]0;x\a\nend\n");
    const auto failures = read_previous_failures(root.path());
    ASSERT_THAT(failures, SizeIs(3));
    EXPECT_THAT(failures[0].text, HasSubstr("what newer\n"));
    EXPECT_THAT(failures[1].text, HasSubstr("what older\n"));
    EXPECT_EQ(failures[2].text, "what ?]0;x?\n");
}

TEST(PreviousFailures, NothingButAFileIsOpenedOnTheSystemPartition) {
    const testing::TemporaryDirectory root;
    root.write("secret", written("secret"));
    std::filesystem::create_directories(root.path() + "/efi/slipway/last-failure-3.txt");
    std::filesystem::create_symlink(root.path() + "/secret",
                                    root.path() + "/efi/slipway/last-failure-1.txt");
    // A reader would wait for a writer.
    ASSERT_EQ(::mkfifo((root.path() + "/efi/slipway/last-failure-2.txt").c_str(), 0600), 0);
    EXPECT_THAT(read_previous_failures(root.path()), IsEmpty());
}

} // namespace
} // namespace slipway
