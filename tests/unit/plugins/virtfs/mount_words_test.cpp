// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/mount_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::virtfs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

MountWords words_of(ShareType type, const std::vector<std::string> &flags,
                    std::optional<bool> writable = {}) {
    auto words = read_mount_words(type, flags, writable);
    EXPECT_TRUE(words) << words.error().message();
    return words ? *std::move(words) : MountWords{};
}

std::string error_of(ShareType type, const std::vector<std::string> &flags) {
    const auto words = read_mount_words(type, flags, {});
    return words ? "" : words.error().message();
}

TEST(MountWords, AShareIsReadOnlyUnlessSomebodySaysOtherwise) {
    EXPECT_THAT(words_of(ShareType::virtiofs, {}).options, ElementsAre("ro"));
    EXPECT_THAT(words_of(ShareType::virtiofs, {"rw"}).options, ElementsAre("rw"));
    EXPECT_THAT(words_of(ShareType::virtiofs, {"rw"}, false).options, ElementsAre("ro"));
    EXPECT_THAT(words_of(ShareType::virtiofs, {"ro", "rw", "ro"}, true).options, ElementsAre("rw"));
}

TEST(MountWords, NinepSpeaksLinuxOverVirtio) {
    EXPECT_THAT(words_of(ShareType::ninep, {}).options,
                ElementsAre("trans=virtio", "version=9p2000.L", "cache=mmap", "ro"));
    EXPECT_THAT(
        words_of(ShareType::ninep, {"version=9p2000.u", "msize=262144", "trans=virtio"}).options,
        ElementsAre("cache=mmap", "version=9p2000.u", "msize=262144", "trans=virtio", "ro"));
    EXPECT_THAT(words_of(ShareType::ninep, {"versions=1", "cache=loose"}).options,
                ElementsAre("trans=virtio", "version=9p2000.L", "versions=1", "cache=loose", "ro"));
}

TEST(MountWords, NinepOverANetworkIsNoRootThatThisPluginMounts) {
    EXPECT_THAT(error_of(ShareType::ninep, {"trans=tcp"}), HasSubstr("rootflags=trans=tcp"));
    EXPECT_THAT(words_of(ShareType::virtiofs, {"trans=tcp"}).options,
                ElementsAre("trans=tcp", "ro"))
        << "the kernel says what it thinks of that";
}

TEST(MountWords, AttributesBelongToTheMountAndTheLastOfTwoCounts) {
    const MountWords words = words_of(
        ShareType::virtiofs, {"nosuid", "noatime", "nodev", "dev", "nosuid", "exec", "dax=always"});
    EXPECT_THAT(words.attributes, ElementsAre("noatime", "nosuid"));
    EXPECT_THAT(words.options, ElementsAre("dax=always", "ro"));
    EXPECT_THAT(words_of(ShareType::ninep, {"strictatime", "relatime"}).attributes, IsEmpty());
}

TEST(MountWords, WhatConcernsOthersIsDropped) {
    EXPECT_THAT(words_of(ShareType::virtiofs, {"defaults", "x-systemd.device-timeout=5", "_netdev",
                                               "comment=a", "X-mount.mkdir", "nofail"})
                    .options,
                ElementsAre("ro"));
}

TEST(MountWords, RefusesWhatIsNoText) {
    const std::string text = error_of(ShareType::virtiofs, {"a\x1b[2J\n"});
    EXPECT_THAT(text, HasSubstr("rootflags="));
    EXPECT_EQ(text.find_first_of("\x1b\n"), std::string::npos);
}

} // namespace
} // namespace slipway::virtfs
