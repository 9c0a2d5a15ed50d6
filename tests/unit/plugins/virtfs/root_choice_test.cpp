// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/root_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::virtfs {
namespace {

using ::testing::HasSubstr;

// "<type> <tag>", "none", or the error.
std::string chosen(const std::string &root, const std::vector<std::string> &types = {}) {
    const auto choice = choose_root({.root = root, .types = types});
    if (!choice)
        return choice.error().message();
    return *choice ? std::string(name_of((*choice)->type)) + " " + (*choice)->tag : "none";
}

TEST(ChooseShare, KnowsEverySpelling) {
    EXPECT_EQ(chosen("virtiofs:rootfs"), "virtiofs rootfs");
    EXPECT_EQ(chosen("rootfs", {"virtiofs"}), "virtiofs rootfs");
    EXPECT_EQ(chosen("virtiofs:rootfs", {"virtiofs"}), "virtiofs rootfs");
    EXPECT_EQ(chosen("virtfs:rootfs"), "9p rootfs");
    EXPECT_EQ(chosen("rootfs", {"9p"}), "9p rootfs");
    EXPECT_EQ(chosen("virtfs:rootfs", {"9p"}), "9p rootfs");
}

TEST(ChooseShare, ATagMayLookLikeAnythingElse) {
    EXPECT_EQ(chosen("/dev/root", {"9p"}), "9p /dev/root");
    EXPECT_EQ(chosen("virtiofs:a:b,c d", {}), "virtiofs a:b,c d");
    EXPECT_EQ(chosen("virtfs:virtiofs:x"), "9p virtiofs:x");
}

TEST(ChooseShare, LeavesOtherRootsAlone) {
    EXPECT_EQ(chosen("UUID=1234"), "none");
    EXPECT_EQ(chosen(""), "none");
    EXPECT_EQ(chosen("/dev/vda2", {"ext4", "virtiofs"}), "none") << "the first type decides";
    EXPECT_EQ(chosen("nfs:server:/a", {"nfs"}), "none");
}

TEST(ChooseShare, AContradictionIsSaid) {
    EXPECT_THAT(chosen("virtiofs:x", {"9p"}), HasSubstr("root=virtiofs:x and rootfstype=9p"));
    EXPECT_THAT(chosen("virtfs:x", {"ext4"}), HasSubstr("leave one of them out"));
}

TEST(ChooseShare, RefusesWhatCannotBeATag) {
    EXPECT_THAT(chosen("virtiofs:"), HasSubstr("no tag is named"));
    EXPECT_THAT(chosen("", {"9p"}), HasSubstr("no tag is named"));
    EXPECT_EQ(chosen("virtiofs:" + std::string(36, 'x')), "virtiofs " + std::string(36, 'x'));
    EXPECT_THAT(chosen("virtiofs:" + std::string(37, 'x')), HasSubstr("at most 36 bytes"));
    EXPECT_THAT(chosen("virtfs:" + std::string(256, 'x')), HasSubstr("at most 255 bytes"));
    for (const char *hostile : {"virtiofs:a\nb", "virtfs:\x1b[2J", "virtfs:\xff\xfe"}) {
        const std::string text = chosen(hostile);
        EXPECT_THAT(text, HasSubstr("cannot be shown"));
        EXPECT_EQ(text.find_first_of("\n\x1b\xff"), std::string::npos);
    }
}

} // namespace
} // namespace slipway::virtfs
