// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/operations.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <map>

#include "unit/plugins/btrfs/superblock_image.h"
#include "unit/plugins/fake_host.h"

namespace slipway::btrfs {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using test::SuperblockImage;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class FakeDeviceBackend final : public DeviceBackend {
public:
    Result<std::vector<std::byte>> read_superblock(const std::string &devnode) override {
        const auto found = disks.find(devnode);
        if (found == disks.end())
            return failure("open " + devnode + ": No such device");
        return found->second;
    }
    Result<> register_device(const std::string &devnode) override {
        if (devnode == refused)
            return errno_failure("register " + devnode, EBUSY);
        registered.push_back(devnode);
        return {};
    }
    Result<bool> is_ready(const std::string &devnode) override {
        asked.push_back(devnode);
        return kernel_is_ready;
    }

    std::map<std::string, std::vector<std::byte>> disks;
    std::string refused;
    Result<bool> kernel_is_ready = true;
    std::vector<std::string> registered;
    std::vector<std::string> asked;
};

class BtrfsOperations : public ::testing::Test {
protected:
    BtrfsOperations() {
        request.unit = "btrfs@" + std::string(test::kFsUuid);
        request.key = test::kFsUuid;
    }
    void add(const std::string &name, const SuperblockImage &image, test::StringPairs more = {}) {
        backend.disks["/dev/" + name] = image.bytes();
        more.emplace_back("devnode", "/dev/" + name);
        request.devices.emplace_back("/sys/" + name, more);
    }
    Outcome inspect() {
        sdk::Context context(host.raw());
        return inspect_device(context, sdk::Request(request.raw()), backend);
    }
    Outcome activate(sdk::Mode mode = sdk::Mode::normal) {
        request.mode = mode;
        sdk::Context context(host.raw());
        return activate_file_system(context, sdk::Request(request.raw()), backend);
    }

    FakeHost host;
    FakeRequest request;
    FakeDeviceBackend backend;
};

TEST_F(BtrfsOperations, AMemberSaysHowManyThereAre) {
    SuperblockImage image(2, 3);
    image.label("da\nta");
    add("vdb2", image, {{"links", "/dev/disk/by-uuid/1\n/dev/mapper/b"}});
    EXPECT_EQ(inspect(), Outcome::done);
    ASSERT_THAT(host.members, SizeIs(1));
    EXPECT_EQ(host.members[0].unit, request.unit);
    EXPECT_EQ(host.members[0].name, "da?ta");
    EXPECT_EQ(host.members[0].expected, 3U);
    EXPECT_THAT(host.members[0].provides,
                ElementsAre("/dev/vdb2", "/dev/disk/by-uuid/1", "/dev/mapper/b"));
}

TEST_F(BtrfsOperations, AFileSystemOnOneDeviceIsNoAssembly) {
    add("vda", SuperblockImage(1, 1));
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host.members, IsEmpty());
    EXPECT_THAT(backend.registered, IsEmpty());
}

TEST_F(BtrfsOperations, MappingsAreRegisteredByTheirNames) {
    for (const auto &[name, node] : {std::pair("one", "dm-0"), std::pair("two", "dm-1")}) {
        const SuperblockImage image(node == std::string("dm-0") ? 1 : 2, 2);
        add(node, image, {{"dm_name", name}});
        backend.disks["/dev/mapper/" + std::string(name)] = image.bytes();
    }
    EXPECT_EQ(activate(), Outcome::done) << host.reason;
    EXPECT_THAT(backend.registered, ElementsAre("/dev/mapper/one", "/dev/mapper/two"))
        << "the mount shows one of these as its source";
}

TEST_F(BtrfsOperations, ADeviceThatCannotBeReadIsNamed) {
    add("vda", SuperblockImage());
    backend.disks.clear();
    EXPECT_EQ(inspect(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("/dev/vda"));
    backend.disks["/dev/vda"] = std::vector<std::byte>(4096);
    EXPECT_EQ(inspect(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("/dev/vda"), HasSubstr("no btrfs superblock")));
}

TEST_F(BtrfsOperations, AnotherInspectionDoesNotTakeBackADegradedStart) {
    add("vda", SuperblockImage(), {{"mount_options", "degraded"}});
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host.published["/sys/vda"], ElementsAre(Pair("mount_options", "degraded")));
}

TEST_F(BtrfsOperations, AllMembersAreRegistered) {
    add("vdb", SuperblockImage(2));
    add("vda", SuperblockImage(1));
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("btrfs"));
    EXPECT_THAT(backend.registered, ElementsAre("/dev/vda", "/dev/vdb"));
    EXPECT_THAT(backend.asked, ElementsAre("/dev/vda"));
    EXPECT_THAT(host.published, IsEmpty());
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(BtrfsOperations, WhatIsMissingIsSaid) {
    add("vda", SuperblockImage(1, 3));
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_THAT(host.missing,
                ElementsAre(AllOf(HasSubstr("2 of 3 devices"), HasSubstr(test::kFsUuid))));
    EXPECT_THAT(host.reason, HasSubstr("device 1 /dev/vda"));
    EXPECT_THAT(backend.registered, ElementsAre("/dev/vda"));
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(BtrfsOperations, DegradedTellsTheMount) {
    add("vda", SuperblockImage(1, 3));
    add("vdc", SuperblockImage(3, 3));
    EXPECT_EQ(activate(sdk::Mode::degraded), Outcome::done);
    EXPECT_THAT(backend.registered, ElementsAre("/dev/vda", "/dev/vdc"));
    for (const char *syspath : {"/sys/vda", "/sys/vdc"})
        EXPECT_THAT(host.published[syspath], ElementsAre(Pair("mount_options", "degraded")));
    EXPECT_THAT(host.log_text(), HasSubstr("1 of 3 devices"));
}

TEST_F(BtrfsOperations, DegradedModeWithoutNeedIsAnOrdinaryStart) {
    // The device that was waited for was an old one's idea.
    add("vda", SuperblockImage(1, 2));
    add("vdb", SuperblockImage(2, 2));
    EXPECT_EQ(activate(sdk::Mode::degraded), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(BtrfsOperations, ADeviceOfAnOlderStateIsLeftOutIfAllOthersAreThere) {
    add("vda", SuperblockImage(1, 2, 10));
    add("vdb", SuperblockImage(2, 2, 10));
    add("vdc", SuperblockImage(3, 3, 4));
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.registered, ElementsAre("/dev/vda", "/dev/vdb"));
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("/dev/vdc"), HasSubstr("older state")));
}

TEST_F(BtrfsOperations, ADeviceOfAnOlderStateIsUsedOnlyDegraded) {
    add("vda", SuperblockImage(1, 2, 10));
    add("vdb", SuperblockImage(2, 2, 4));
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_EQ(activate(sdk::Mode::degraded), Outcome::done);
    EXPECT_THAT(backend.registered, ElementsAre("/dev/vda", "/dev/vdb", "/dev/vda", "/dev/vdb"));
    EXPECT_THAT(host.published, SizeIs(2));
}

TEST_F(BtrfsOperations, CopiesOfADeviceAreNotRegistered) {
    add("vda", SuperblockImage(1));
    add("vdb", SuperblockImage(1));
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("copies of one device"));
    EXPECT_THAT(backend.registered, IsEmpty());
}

TEST_F(BtrfsOperations, AMemberThatChangedMeanwhileIsLeftOut) {
    add("vda", SuperblockImage(1));
    SuperblockImage other(2);
    SuperblockImage::fill(other.raw.fsid, 0x11);
    SuperblockImage::fill(other.raw.dev_item.fsid, 0x11);
    add("vdb", other);
    add("vdc", SuperblockImage(3));
    backend.disks.erase("/dev/vdc");
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("/dev/vdb now belongs"), HasSubstr("/dev/vdc")));
    EXPECT_THAT(backend.registered, ElementsAre("/dev/vda"));
}

TEST_F(BtrfsOperations, NothingToReadIsAFailure) {
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr(test::kFsUuid));
}

TEST_F(BtrfsOperations, TheModuleMustBeThere) {
    add("vda", SuperblockImage(1));
    host.module_errors["btrfs"] = ENOENT;
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("module btrfs"), HasSubstr("build the image")));
    EXPECT_THAT(backend.registered, IsEmpty());
}

TEST_F(BtrfsOperations, WhatTheKernelRefusesIsNamed) {
    add("vda", SuperblockImage(1));
    add("vdb", SuperblockImage(2));
    backend.refused = "/dev/vdb";
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("register /dev/vdb"), HasSubstr("busy")));
}

TEST_F(BtrfsOperations, TheKernelsCountIsLoggedAndTheMountDecides) {
    add("vda", SuperblockImage(1));
    add("vdb", SuperblockImage(2));
    backend.kernel_is_ready = false;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("the mount will tell"));
    backend.kernel_is_ready = failure("ask the kernel about /dev/vda: broken");
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("broken"));
}

} // namespace
} // namespace slipway::btrfs
