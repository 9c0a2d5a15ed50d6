// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/failure_partition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::HasSubstr;

DeviceSnapshot partition(const std::string &name, Facts more = {}) {
    Facts facts = {{"subsystem", "block"},
                   {"devnode", "/dev/" + name},
                   {"part_type", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"},
                   {"fs_type", "vfat"},
                   {"ready", "1"}};
    for (const auto &[key, value] : more)
        facts[key] = value;
    return {.syspath = "/sys/devices/" + name, .facts = std::move(facts), .used_by = {}};
}

TEST(FailurePartition, IsTheOnlySystemPartition) {
    EXPECT_EQ(choose_failure_partition({partition("vda1")}, true).device, "/dev/vda1");
    EXPECT_THAT(choose_failure_partition({}, true).why_not, HasSubstr("no EFI system partition"));
}

TEST(FailurePartition, IsThatOfTheDiskWhichWasBootedFrom) {
    const auto booted = partition("vdb1", {{"preference", "1"}});
    EXPECT_EQ(choose_failure_partition({partition("vda1"), booted}, true).device, "/dev/vdb1");
    const auto none = choose_failure_partition({partition("vda1"), partition("vdb1")}, true);
    EXPECT_EQ(none.device, "");
    EXPECT_THAT(none.why_not, HasSubstr("several"));
    EXPECT_EQ(
        choose_failure_partition({booted, partition("vdb2", {{"preference", "1"}})}, true).device,
        "");
}

TEST(FailurePartition, IsNothingElse) {
    for (const auto &[key, value] : Facts{{"part_type", "0fc63daf-8483-4772-8e79-3d69d8477de4"},
                                          {"fs_type", "ext4"},
                                          {"ready", "0"},
                                          {"read_only", "1"},
                                          {"devnode", ""},
                                          {"subsystem", "net"}})
        EXPECT_EQ(choose_failure_partition({partition("vda1", {{key, value}})}, true).device, "")
            << key;
}

TEST(FailurePartition, IsNotTouchedWhereAHibernatedSystemMayLie) {
    const auto undecided = choose_failure_partition({partition("vda1")}, false);
    EXPECT_EQ(undecided.device, "");
    EXPECT_THAT(undecided.why_not, HasSubstr("before it is decided"));
    const auto swap = partition("vda3", {{"part_type", ""}, {"fs_type", "swsuspend"}});
    const auto hibernated = choose_failure_partition({partition("vda1"), swap}, true);
    EXPECT_EQ(hibernated.device, "");
    EXPECT_EQ(hibernated.why_not, "a hibernated system lies on /dev/vda3");
}

} // namespace
} // namespace slipway
