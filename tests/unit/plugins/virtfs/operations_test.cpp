// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "unit/plugins/fake_host.h"
#include "unit/plugins/virtfs/fake_virtfs.h"

namespace slipway::virtfs {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class VirtfsTest : public ::testing::Test {
protected:
    void root(const std::string &value) { request_.options.emplace_back("root", value); }
    // One whose tag is not known has no fact.
    void share(const std::string &driver, const std::string &tag) {
        test::StringPairs facts = {{"subsystem", "virtio"}, {"driver", driver}};
        if (!tag.empty())
            facts.emplace_back("virtfs_tag", tag);
        request_.devices.emplace_back("/sys/devices/" + tag, facts);
    }
    Outcome mount() {
        sdk::Context context(host_.raw());
        return mount_root(context, sdk::Request(request_.raw()), virtfs_, "/sysroot");
    }
    Outcome inspect() {
        sdk::Context context(host_.raw());
        return inspect_device(context, sdk::Request(request_.raw()), virtfs_);
    }
    Outcome announce() {
        sdk::Context context(host_.raw());
        return announce_shares(context, sdk::Request(request_.raw()), virtfs_);
    }

    FakeHost host_;
    FakeRequest request_;
    FakeVirtfs virtfs_;
};

// ---- announce -----------------------------------------------------------------------------------

TEST_F(VirtfsTest, LoadsWhatTheRootNeedsAndAnnouncesWhatHasADriver) {
    root("virtfs:rootfs");
    virtfs_.drivers = {{"virtiofs", {"/sys/a"}}, {"9pnet_virtio", {"/sys/b", "/sys/c"}}};
    EXPECT_EQ(announce(), Outcome::done);
    EXPECT_THAT(host_.modules, ElementsAre("9pnet_virtio", "9p"));
    EXPECT_THAT(virtfs_.announced, ElementsAre("/sys/a", "/sys/b", "/sys/c"));
    EXPECT_EQ(host_.log_text(), "");
}

TEST_F(VirtfsTest, ADeviceThatCannotBeAnnouncedIsSaidUnlessItIsGone) {
    root("virtiofs:rootfs");
    virtfs_.drivers = {{"virtiofs", {"/sys/a", "/sys/b", "/sys/c"}}};
    virtfs_.announce_errors = {{"/sys/a", ENOENT}, {"/sys/b", EROFS}};
    EXPECT_EQ(announce(), Outcome::done);
    EXPECT_THAT(host_.modules, ElementsAre("virtiofs"));
    EXPECT_THAT(virtfs_.announced, ElementsAre("/sys/c"));
    EXPECT_THAT(host_.log_text(), HasSubstr("/sys/b"));
    EXPECT_THAT(host_.log_text(), Not(HasSubstr("/sys/a")));
}

TEST_F(VirtfsTest, AKernelWithoutTheTypeFailsAtOnce) {
    root("virtfs:rootfs");
    host_.module_errors = {{"9pnet_virtio", ENOENT}};
    EXPECT_EQ(announce(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("the kernel does not know 9p"));
    EXPECT_THAT(host_.reason, HasSubstr("--with virtfs"));
    virtfs_.types = {"9p"}; // built in
    EXPECT_EQ(announce(), Outcome::done);
}

TEST_F(VirtfsTest, AnErrorOfTheCommandLineFailsAtOnce) {
    root("virtiofs:");
    EXPECT_EQ(announce(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("no tag is named"));
}

// ---- inspect ------------------------------------------------------------------------------------

TEST_F(VirtfsTest, EveryShareIsAMemberOfTheRootAndShowsItsTag) {
    root("virtiofs:rootfs");
    share("virtiofs", "other");
    virtfs_.tags = {{"/sys/devices/other", "other"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.published["/sys/devices/other"]["virtfs_tag"], "other");
    ASSERT_EQ(host_.members.size(), 1U);
    EXPECT_EQ(host_.members[0].unit, "sysroot-virtfs");
    EXPECT_EQ(host_.members[0].name, "rootfs") << "the unit stands for the root";
    EXPECT_EQ(host_.members[0].expected, 0U);
}

TEST_F(VirtfsTest, SharesAreLeftAloneWhenTheRootIsElsewhere) {
    root("UUID=1234");
    share("virtiofs", "home");
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host_.members, IsEmpty());
}

TEST_F(VirtfsTest, ATagOfTheHostCannotDriveTheTerminal) {
    root("virtiofs:rootfs");
    share("virtiofs", "x");
    virtfs_.tags = {{"/sys/devices/x", "a\x1b[2J\n"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.published["/sys/devices/x"]["virtfs_tag"], "a?[2J?");
}

// ---- mount --------------------------------------------------------------------------------------

TEST_F(VirtfsTest, MountsAVirtiofsShareReadOnly) {
    root("virtiofs:rootfs");
    share("virtiofs", "home");
    share("virtiofs", "rootfs");
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_EQ(host_.reason, "mounted the virtiofs share rootfs (ro)");
    ASSERT_EQ(virtfs_.mounts.size(), 1U);
    EXPECT_EQ(virtfs_.mounts[0].source, "rootfs");
    EXPECT_EQ(virtfs_.mounts[0].type, "virtiofs");
    EXPECT_EQ(virtfs_.mounts[0].target, "/sysroot");
}

TEST_F(VirtfsTest, MountsANinepShareWithTheWordsOfTheUser) {
    root("\"rootfs\"");
    request_.options.insert(request_.options.end(), {{"rootfstype", "auto,9p"},
                                                     {"rootflags", "msize=262144,nosuid,,rw"},
                                                     {"rw", "1"},
                                                     {"ro", "1"}});
    share("9pnet_virtio", "rootfs");
    EXPECT_EQ(mount(), Outcome::done);
    ASSERT_EQ(virtfs_.mounts.size(), 1U);
    EXPECT_EQ(virtfs_.mounts[0].type, "9p");
    EXPECT_THAT(virtfs_.mounts[0].options,
                ElementsAre("trans=virtio", "version=9p2000.L", "cache=mmap", "msize=262144", "ro"))
        << "the last of ro and rw counts";
    EXPECT_THAT(virtfs_.mounts[0].attributes, ElementsAre("nosuid"));
}

TEST_F(VirtfsTest, AMissingTagIsNamedWithThoseThatAreThere) {
    root("virtiofs:rootfs");
    share("virtiofs", "home");
    share("9pnet_virtio", "rootfs");
    EXPECT_EQ(mount(), Outcome::incomplete);
    EXPECT_EQ(host_.reason, "no virtiofs share has the tag \"rootfs\"");
    EXPECT_THAT(host_.missing, ElementsAre("the tag \"rootfs\" of a virtiofs share; this machine "
                                           "has home (virtiofs), rootfs (9p)"));
    EXPECT_THAT(virtfs_.mounts, IsEmpty());
}

TEST_F(VirtfsTest, WhereTheKernelDoesNotTellTheTagTheMountDoes) {
    root("virtiofs:rootfs");
    share("virtiofs", "");
    virtfs_.result.code = EINVAL;
    EXPECT_EQ(mount(), Outcome::incomplete);
    EXPECT_EQ(virtfs_.mounts.size(), 1U);
    EXPECT_THAT(host_.missing, ElementsAre(HasSubstr("one of virtiofs whose tag is not known")));
    virtfs_.result.code = 0;
    EXPECT_EQ(mount(), Outcome::done);
}

TEST_F(VirtfsTest, AShareOfTheOtherTypeWithoutATagIsNotTried) {
    root("virtfs:rootfs");
    share("virtiofs", "");
    EXPECT_EQ(mount(), Outcome::incomplete);
    EXPECT_THAT(virtfs_.mounts, IsEmpty());
}

TEST_F(VirtfsTest, ARefusedOptionIsNamed) {
    root("virtiofs:rootfs");
    share("virtiofs", "rootfs");
    virtfs_.result = {.code = EINVAL, .option = "colour=red", .detail = "Unknown parameter\x1b"};
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_EQ(host_.reason, "the virtiofs share rootfs cannot be mounted: the kernel refuses the "
                            "option colour=red: Invalid argument (Unknown parameter?); correct "
                            "rootflags= on the kernel command line");
}

TEST_F(VirtfsTest, EveryFailureSaysWhatToDo) {
    root("virtfs:rootfs");
    share("9pnet_virtio", "rootfs");
    for (const int code :
         {ENODEV, EBUSY, EACCES, EPERM, EINVAL, EIO, ENOTCONN, ECONNABORTED, ENOENT, ENOMEM}) {
        virtfs_.result = {.code = code, .option = {}, .detail = {}};
        EXPECT_EQ(mount(), Outcome::failed) << code;
        EXPECT_THAT(host_.reason, HasSubstr("; ")) << code;
    }
}

TEST_F(VirtfsTest, WhatIsMountedIsLeftAlone) {
    root("virtfs:rootfs");
    virtfs_.has_mount = true;
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(virtfs_.mounts, IsEmpty());
}

TEST_F(VirtfsTest, AUnitThatWasAskedForWithoutSuchARootFails) {
    root("UUID=1234");
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("write root=virtiofs:<tag>"));
}

} // namespace
} // namespace slipway::virtfs
