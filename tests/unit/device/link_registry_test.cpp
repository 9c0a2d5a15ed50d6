// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/link_registry.h"

#include <cerrno>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <gmock/gmock.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kA = "/sys/block/vda";
const std::string kB = "/sys/block/vdb";
const std::string kUuid = "/dev/disk/by-uuid/x";

class LinkRegistryTest : public testing::Test {
protected:
    LinkRegistryTest() { system_.add_directory("/dev"); }

    void expect_update(const std::string &device, const std::string &devnode,
                       const std::vector<std::string> &links, int priority = 0) {
        EXPECT_THAT(messages(registry_.update(device, devnode, links, priority)), IsEmpty());
    }
    static std::vector<std::string> messages(const std::vector<Error> &errors) {
        std::vector<std::string> texts;
        for (const Error &error : errors)
            texts.push_back(error.message());
        return texts;
    }

    FakeSystem system_;
    LinkRegistry registry_{system_};
};

TEST(IsDeviceLink, AcceptsPlainPathsBelowDev) {
    for (const char *path : {"/dev/root", "/dev/disk/by-label/a b", "/dev/disk/by-id/x..y"})
        EXPECT_TRUE(is_device_link(path)) << path;
}

TEST(IsDeviceLink, RefusesEverythingElse) {
    for (const char *path :
         {"", "/", "/dev", "/dev/", "/etc/passwd", "dev/x", "/dev/../etc", "/dev/a/..", "/dev/./a",
          "/dev//a", "/dev/a/", "/dev/a\nb", "/dev/a\x1b"})
        EXPECT_FALSE(is_device_link(path)) << path;
    EXPECT_FALSE(is_device_link("/dev/" + std::string(256, 'x')));
    std::string deep = "/dev";
    for (int i = 0; i < 600; ++i)
        deep += "/a";
    EXPECT_FALSE(is_device_link(deep));
}

TEST(RelativeTarget, LeadsFromTheLinkToTheNode) {
    EXPECT_EQ(relative_target("/dev/disk/by-uuid/x", "/dev/vda1"), "../../vda1");
    EXPECT_EQ(relative_target("/dev/mapper/x", "/dev/dm-0"), "../dm-0");
    EXPECT_EQ(relative_target("/dev/root", "/dev/vda1"), "vda1");
    EXPECT_EQ(relative_target("/dev/a/b", "/dev/c/d"), "../c/d");
}

TEST_F(LinkRegistryTest, MakesTheLinksOfADevice) {
    expect_update(kA, "/dev/vda", {kUuid, "/dev/root"});
    EXPECT_EQ(system_.link(kUuid), "../../vda");
    EXPECT_EQ(system_.link("/dev/root"), "vda");
    EXPECT_EQ(registry_.owner(kUuid), kA);
}

TEST_F(LinkRegistryTest, DoesNothingWhenNothingChanged) {
    expect_update(kA, "/dev/vda", {kUuid});
    system_.calls.clear();
    expect_update(kA, "/dev/vda", {kUuid});
    EXPECT_THAT(system_.calls, IsEmpty());
}

TEST_F(LinkRegistryTest, RemovesLinksThatAreNotClaimedAnyMore) {
    expect_update(kA, "/dev/vda", {kUuid, "/dev/root"});
    expect_update(kA, "/dev/vda", {"/dev/root"});
    EXPECT_FALSE(system_.exists(kUuid));
    EXPECT_EQ(registry_.owner(kUuid), std::nullopt);
    EXPECT_EQ(system_.link("/dev/root"), "vda");
}

TEST_F(LinkRegistryTest, GivesALinkToTheHighestPriority) {
    expect_update(kA, "/dev/vda", {kUuid}, 0);
    expect_update(kB, "/dev/vdb", {kUuid}, 10);
    EXPECT_EQ(system_.link(kUuid), "../../vdb");
    EXPECT_THAT(registry_.conflicts(), IsEmpty());
    expect_update(kA, "/dev/vda", {kUuid}, 20);
    EXPECT_EQ(system_.link(kUuid), "../../vda");
}

TEST_F(LinkRegistryTest, LeavesALinkToTheFirstOfEqualClaimants) {
    expect_update(kA, "/dev/vda", {kUuid});
    expect_update(kB, "/dev/vdb", {kUuid});
    expect_update(kA, "/dev/vda", {kUuid});
    EXPECT_EQ(system_.link(kUuid), "../../vda");
    EXPECT_THAT(registry_.conflicts(), ElementsAre(LinkRegistry::Conflict{kUuid, kA, kB}));
}

TEST_F(LinkRegistryTest, PassesALinkOnWhenItsOwnerGoes) {
    expect_update(kA, "/dev/vda", {kUuid});
    expect_update(kB, "/dev/vdb", {kUuid});
    EXPECT_THAT(messages(registry_.remove(kA)), IsEmpty());
    EXPECT_EQ(system_.link(kUuid), "../../vdb");
    EXPECT_THAT(registry_.conflicts(), IsEmpty());
    EXPECT_THAT(messages(registry_.remove(kB)), IsEmpty());
    EXPECT_FALSE(system_.exists(kUuid));
    EXPECT_THAT(messages(registry_.remove(kB)), IsEmpty());
}

TEST_F(LinkRegistryTest, KeepsALinkThatSomebodyElseRedirected) {
    expect_update(kA, "/dev/vda", {kUuid});
    system_.add_symlink(kUuid, "../../vdz");
    EXPECT_THAT(messages(registry_.remove(kA)), IsEmpty());
    EXPECT_EQ(system_.link(kUuid), "../../vdz");
}

TEST_F(LinkRegistryTest, FollowsADeviceThatGetsAnotherNode) {
    expect_update(kA, "/dev/vda", {kUuid});
    expect_update(kA, "/dev/vdc", {kUuid});
    EXPECT_EQ(system_.link(kUuid), "../../vdc");
}

TEST_F(LinkRegistryTest, NeverReplacesTheNodeOfADevice) {
    system_.add_node("/dev/vdb", S_IFBLK, makedev(254, 16));
    const auto errors = messages(registry_.update(kA, "/dev/vda", {"/dev/vdb", kUuid}, 0));
    EXPECT_THAT(errors, ElementsAre(HasSubstr("/dev/vdb")));
    EXPECT_EQ(system_.link("/dev/vdb"), std::nullopt);
    EXPECT_EQ(system_.link(kUuid), "../../vda") << "the other link is made all the same";
}

TEST_F(LinkRegistryTest, ReplacesBlockNodesBelowDevMapperOnly) {
    system_.add_node("/dev/mapper/root", S_IFBLK, makedev(253, 0));
    system_.add_node("/dev/mapper/control", S_IFCHR, makedev(10, 236));
    expect_update("/sys/block/dm-0", "/dev/dm-0", {"/dev/mapper/root"});
    EXPECT_EQ(system_.link("/dev/mapper/root"), "../dm-0");
    EXPECT_EQ(registry_.update("/sys/block/dm-1", "/dev/dm-1", {"/dev/mapper/control"}, 0).size(),
              1U);
    EXPECT_TRUE(S_ISCHR(system_.nodes().at("/dev/mapper/control").mode));
}

TEST_F(LinkRegistryTest, KeepsLinksThatLeadOutOfDev) {
    system_.add_symlink("/dev/stdin", "/proc/self/fd/0");
    system_.add_symlink("/dev/vg/lv", "/dev/mapper/vg-lv");
    const auto errors = messages(registry_.update(kA, "/dev/vda", {"/dev/stdin", "/dev/vg/lv"}, 0));
    EXPECT_THAT(errors, ElementsAre(HasSubstr("/dev/stdin")));
    EXPECT_EQ(system_.link("/dev/stdin"), "/proc/self/fd/0");
    EXPECT_EQ(system_.link("/dev/vg/lv"), "../vda");
}

TEST_F(LinkRegistryTest, RefusesBadLinksAndMakesTheOthers) {
    const auto errors =
        messages(registry_.update(kA, "/dev/vda", {"/dev/../etc/passwd", "/etc/x", kUuid}, 0));
    EXPECT_EQ(errors.size(), 2U);
    EXPECT_EQ(system_.link(kUuid), "../../vda");
    EXPECT_FALSE(registry_.update(kA, "/etc/vda", {kUuid}, 0).empty());
}

TEST_F(LinkRegistryTest, RefusesMoreLinksThanADeviceCanNeed) {
    std::vector<std::string> links;
    for (std::size_t i = 0; i <= LinkRegistry::kMaxLinksPerDevice; ++i)
        links.push_back("/dev/l" + std::to_string(i));
    EXPECT_EQ(registry_.update(kA, "/dev/vda", links, 0).size(), 1U);
}

TEST_F(LinkRegistryTest, DoesNotLinkANodeToItself) {
    expect_update(kA, "/dev/vda", {"/dev/vda", kUuid, kUuid});
    EXPECT_FALSE(system_.exists("/dev/vda"));
    EXPECT_EQ(system_.link(kUuid), "../../vda");
}

TEST_F(LinkRegistryTest, TriesAFailedLinkAgain) {
    system_.fail("symlink", kUuid, ENOSPC);
    EXPECT_THAT(messages(registry_.update(kA, "/dev/vda", {kUuid}, 0)),
                ElementsAre(HasSubstr("No space left")));
    system_.succeed_again("symlink", kUuid);
    expect_update(kA, "/dev/vda", {kUuid});
    EXPECT_EQ(system_.link(kUuid), "../../vda");
}

} // namespace
} // namespace slipway
