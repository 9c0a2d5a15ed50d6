// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_operations.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "fs/ext_superblock.h"
#include "unit/plugins/fake_host.h"

namespace slipway::fs {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class FakeCheckBackend final : public CheckBackend {
public:
    Result<std::vector<std::byte>> read(const std::string &, std::size_t offset,
                                        std::size_t count) override {
        EXPECT_EQ(offset, ExtSuperblock::kOffset);
        ++reads;
        std::vector<std::byte> bytes(count);
        bytes[0x38] = std::byte{0x53};
        bytes[0x39] = std::byte{0xEF};
        bytes[0x3A] = is_clean ? std::byte{1} : std::byte{0};
        return bytes;
    }
    std::string find_checker(std::string_view type) override {
        return has_checker ? "/usr/sbin/fsck." + std::string(type) : "";
    }
    std::int64_t now() override { return 1; }
    Result<UniqueFd> lock_disk(const std::string &devnode) override {
        locked.push_back(devnode);
        return UniqueFd();
    }
    Result<> append_log(std::string_view text) override {
        log += text;
        return {};
    }
    Result<> mark_checked(std::string_view name) override {
        is_marked = true;
        marker = name;
        return {};
    }

    bool is_clean = true;
    bool has_checker = true;
    bool is_marked = false;
    std::string marker;
    int reads = 0;
    std::string log;
    std::vector<std::string> locked;
};

class FakeMountBackend final : public MountBackend {
public:
    bool is_type_known(std::string_view type) override { return type == known; }
    Result<HeldDevice> hold(const std::string &devnode, std::string_view type) override {
        held.push_back(devnode + " " + std::string(type));
        if (hold_error != 0)
            return errno_failure("open " + devnode, hold_error);
        return HeldDevice{.pin = {}, .fs_uuid = uuid};
    }
    MountResult mount(const std::string &devnode, const std::string &target,
                      const std::string &type, const std::string &options) override {
        mounts.push_back(devnode + " " + target + " " + type + " " + options);
        if (type == good)
            return {.code = 0, .detail = {}, .is_forced_read_only = is_protected};
        return {.code = error, .detail = "wrong fs type"};
    }
    Result<std::string> resolve(const std::string &root, const std::string &path) override {
        if (path == "/missing")
            return errno_failure("open /missing", ENOENT);
        return root + "/resolved" + path;
    }
    Result<std::string> read_file(const std::string &root, const std::string &path,
                                  std::size_t) override {
        if (fstab && root == "/sysroot" && path == "/etc/fstab")
            return *fstab;
        return errno_failure("open " + root + path, fstab_error);
    }

    std::optional<std::string> fstab;
    int fstab_error = ENOENT;

    std::string known = "ext4";
    std::string good = "ext4";
    int error = EINVAL; // of the other types
    bool is_protected = false;
    std::string uuid = "1234";
    int hold_error = 0;
    std::vector<std::string> held;
    std::vector<std::string> mounts;
};

class RootOperations : public ::testing::Test {
protected:
    RootOperations() {
        request.unit = "sysroot";
        request.devices = {
            {"/sys/devices/vda2",
             {{"devnode", "/dev/vda2"}, {"fs_type", "ext4"}, {"fs_usage", "filesystem"}}}};
        request.params = {{"types", ""},           {"flags", "noatime,ro"}, {"target", "/sysroot"},
                          {"marker", "fsck-root"}, {"mode", "auto"},        {"repair", "preen"}};
    }
    Outcome check() {
        sdk::Context context(host.raw());
        return check_device(context, sdk::Request(request.raw()), checks);
    }
    void add_fact(const char *key, const char *value) {
        request.devices.front().second.emplace_back(key, value);
    }
    Outcome mount() {
        sdk::Context context(host.raw());
        return mount_device(context, sdk::Request(request.raw()), mounts);
    }

    Outcome fstab() {
        sdk::Context context(host.raw());
        return mount_from_fstab(context, sdk::Request(request.raw()), mounts);
    }

    FakeHost host;
    FakeRequest request;
    FakeCheckBackend checks;
    FakeMountBackend mounts;
};

TEST_F(RootOperations, ImportWritesBothUnits) {
    request.options = {{"root", "LABEL=my \"root\""}, {"rootflags", "x-systemd.device-timeout=9s"}};
    sdk::Context context(host.raw());
    EXPECT_EQ(import_root(context, sdk::Request(request.raw())), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("name = \"fsck-sysroot\""));
    EXPECT_THAT(host.units, HasSubstr("name = \"sysroot\""));
    EXPECT_THAT(host.units,
                HasSubstr("device = \"LABEL=my \\\"root\\\"\"\ndevice_timeout = \"9s\""));
    EXPECT_THAT(host.units, HasSubstr("writes = true\nrequires = [\"fsck-sysroot\"]\n"));
    EXPECT_THAT(host.units, HasSubstr("flags = \"ro\""));
}

TEST_F(RootOperations, ImportFailsWithTheReasonWhenRootIsUnknown) {
    request.options = {{"root", "nbd:10.0.0.1:/x"}};
    sdk::Context context(host.raw());
    EXPECT_EQ(import_root(context, sdk::Request(request.raw())), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("root=nbd:10.0.0.1:/x"));
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(RootOperations, ACleanFileSystemIsMarkedWithoutAProgram) {
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_EQ(checks.marker, "fsck-root");
    EXPECT_THAT(host.programs, IsEmpty());
}

TEST_F(RootOperations, ASuccessfulCheckIsLoggedAndMarked) {
    checks.is_clean = false;
    host.on_run = [](const auto &) { return sdk::RunResult{1, "fixed\n", ""}; };
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_TRUE(checks.is_marked);
    EXPECT_EQ(checks.log, "/usr/sbin/fsck.ext4 -a /dev/vda2\nfixed\n");
}

// udevd would probe the disk in the middle of the check, and forget what it knew.
TEST_F(RootOperations, WhereUdevdRunsTheDiskIsLockedDuringACheck) {
    checks.is_clean = false;
    host.on_run = [](const auto &) { return sdk::RunResult{0, "", ""}; };
    add_fact("disk", "/sys/devices/pci0/block/cciss!c0d0");
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_THAT(checks.locked, IsEmpty());
    add_fact("initialized", "1");
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_THAT(checks.locked, ElementsAre("/dev/cciss/c0d0"));
}

TEST_F(RootOperations, ErrorsLeftFailTheUnit) {
    checks.is_clean = false;
    host.on_run = [](const auto &) { return sdk::RunResult{4, "", ""}; };
    EXPECT_EQ(check(), Outcome::failed);
    EXPECT_FALSE(checks.is_marked);
    EXPECT_THAT(host.reason, HasSubstr("-y /dev/vda2"));
}

TEST_F(RootOperations, TheCheckerOfAnotherTypeRunsWithItsOwnWords) {
    request.devices.front().second[1] = {"fs_type", "f2fs"};
    request.params[5] = {"repair", "no"};
    host.on_run = [](const auto &) { return sdk::RunResult{0, "", ""}; };
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_EQ(checks.reads, 0) << "no superblock of ext4";
    EXPECT_EQ(checks.log, "/usr/sbin/fsck.f2fs --dry-run /dev/vda2\n");
    EXPECT_EQ(checks.marker, "fsck-root");
}

TEST_F(RootOperations, AnUncheckableTypeLeavesNoMark) {
    for (const char *type : {"xfs", "btrfs", "squashfs", "erofs"}) {
        request.devices.front().second[1] = {"fs_type", type};
        EXPECT_EQ(check(), Outcome::done) << type;
    }
    EXPECT_FALSE(checks.is_marked);
    EXPECT_EQ(checks.log, "");
}

TEST_F(RootOperations, ADoubtfulCheckWarnsAndLeavesNoMark) {
    checks.is_clean = false;
    host.on_run = [](const auto &) { return sdk::RunResult{2, "", ""}; };
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_FALSE(checks.is_marked);
    EXPECT_THAT(host.log_text(), HasSubstr("reboot"));
}

TEST_F(RootOperations, SkippingDoesNotTouchTheDevice) {
    request.params.back() = {"mode", "skip"};
    request.params.erase(request.params.end() - 2);
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_EQ(checks.reads, 0);
    EXPECT_FALSE(checks.is_marked);
}

TEST_F(RootOperations, ACheckThatTheHostDoesNotLookForLeavesNoMark) {
    std::erase_if(request.params, [](const auto &pair) { return pair.first == "marker"; });
    EXPECT_EQ(check(), Outcome::done);
    EXPECT_FALSE(checks.is_marked);
}

TEST_F(RootOperations, MountsWithTypeAndFlags) {
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre("/dev/vda2 /sysroot ext4 noatime,ro"));
    EXPECT_THAT(host.modules, IsEmpty());
}

TEST_F(RootOperations, LoadsTheModuleOfAnUnknownType) {
    mounts.known = "";
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("ext4"));
}

TEST_F(RootOperations, TriesTheAskedTypesInTurn) {
    request.params.front() = {"types", "xfs,btrfs"};
    mounts.good = "btrfs";
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre(HasSubstr(" xfs "), HasSubstr(" btrfs ")));
}

TEST_F(RootOperations, AFailedMountNamesDeviceCauseAndRemedy) {
    mounts.good = "";
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("mounting /dev/vda2 as ext4 failed: Invalid argument"));
    EXPECT_THAT(host.reason, HasSubstr("rootfstype="));
}

// mdadm holds an array open for a moment after its announcement.
TEST_F(RootOperations, ADeviceInUseIsTriedAgain) {
    mounts.good = "";
    mounts.error = EBUSY;
    EXPECT_EQ(mount(), Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("the device is in use"));
    request.options = {{"root", "LABEL=x"}};
    sdk::Context context(host.raw());
    EXPECT_EQ(import_root(context, sdk::Request(request.raw())), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("retries = 5\nbackoff = \"200ms\"\n"));
}

TEST_F(RootOperations, TheMountGetsTheOptionsThatPluginsPublished) {
    add_fact("mount_options", "degraded");
    EXPECT_EQ(mount(), Outcome::done);
    request.params = {{"flags", "subvol=usr,ro"}, {"root", "/sysroot"}, {"target", "/usr"}};
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts,
                ElementsAre("/dev/vda2 /sysroot ext4 noatime,degraded,ro",
                            "/dev/vda2 /sysroot/resolved/usr ext4 subvol=usr,degraded,ro"));
}

TEST_F(RootOperations, ARootThatCannotBeWrittenIsMountedAllTheSame) {
    request.devices.front().second[1] = {"fs_type", "squashfs"};
    request.params[1] = {"flags", "rw"};
    mounts.good = "squashfs";
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre("/dev/vda2 /sysroot squashfs ro"));
    EXPECT_THAT(host.log_text(), HasSubstr("/dev/vda2: squashfs cannot be written"));
}

TEST_F(RootOperations, AWriteProtectedDeviceIsSaid) {
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(host.log_text(), Not(HasSubstr("write-protected")));
    mounts.is_protected = true;
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("/dev/vda2 is write-protected"));
}

TEST_F(RootOperations, AnOldTypeThatTheKernelDoesNotKnowIsMountedByTheNewDriver) {
    request.devices.front().second[1] = {"fs_type", "ext2"};
    mounts.error = ENODEV;
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre(HasSubstr(" ext2 "), HasSubstr(" ext4 ")));
    mounts.mounts.clear();
    mounts.error = EUCLEAN;
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(mounts.mounts, ElementsAre(HasSubstr(" ext2 "))) << "another driver does not help";
}

TEST_F(RootOperations, WhatIsMountedIsWhatWasChosen) {
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.held, IsEmpty()) << "nothing to compare with";
    add_fact("fs_uuid", "1234");
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.held, ElementsAre("/dev/vda2 ext4"));
}

TEST_F(RootOperations, WhatTookThePlaceOfTheDeviceIsNotMounted) {
    add_fact("fs_uuid", "5678");
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("UUID=5678"));
    EXPECT_THAT(host.reason, HasSubstr("UUID=1234"));
    mounts.hold_error = ENXIO;
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("open /dev/vda2"));
    EXPECT_THAT(mounts.mounts, IsEmpty());
    mounts.hold_error = ENOTSUP; // of a type that only its plugin knows
    EXPECT_EQ(mount(), Outcome::done);
}

TEST_F(RootOperations, TheReadOnlyBitCountsForARootThatNobodyNamed) {
    add_fact("part_flags", "0x1000000000000000");
    request.params[1] = {"flags", "rw"};
    EXPECT_EQ(mount(), Outcome::done);
    request.params.emplace_back("auto", "yes");
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts,
                ElementsAre("/dev/vda2 /sysroot ext4 rw", "/dev/vda2 /sysroot ext4 ro"));
}

TEST_F(RootOperations, AUnitWithoutADeviceFailsInWords) {
    request.devices.clear();
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("sysroot was started without a device"));
}

TEST_F(RootOperations, AMappingIsMountedByItsOwnName) {
    request.devices = {{"/sys/devices/virtual/block/dm-1",
                        {{"devnode", "/dev/dm-1"},
                         {"dm_name", "vg0-root"},
                         {"fs_type", "ext4"},
                         {"fs_usage", "filesystem"}}}};
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre(HasSubstr("/dev/mapper/vg0-root /sysroot ext4")));
}

TEST_F(RootOperations, ATargetOfTheRootIsResolvedInIt) {
    request.params = {{"flags", "ro"}, {"root", "/sysroot"}, {"target", "/usr"}};
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre("/dev/vda2 /sysroot/resolved/usr ext4 ro"));
}

TEST_F(RootOperations, AMissingTargetIsNotMadeInTheRoot) {
    request.params = {{"flags", "ro"}, {"root", "/sysroot"}, {"target", "/missing"}};
    EXPECT_EQ(mount(), Outcome::failed);
    EXPECT_THAT(mounts.mounts, IsEmpty());
    EXPECT_THAT(host.reason, HasSubstr("mkdir -p /missing"));
}

TEST_F(RootOperations, TheSourceOfABindMountIsResolvedInTheRoot) {
    request.devices.clear();
    request.params = {{"flags", "bind,ro"}, {"root", "/sysroot"}, {"target", "/b"}, {"bind", "/a"}};
    mounts.good = "none";
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre("/sysroot/resolved/a /sysroot/resolved/b none bind,ro"));
    EXPECT_THAT(host.modules, IsEmpty());
}

TEST_F(RootOperations, AFileSystemWithoutADeviceHasANameAsItsSource) {
    request.devices.clear();
    request.params = {{"flags", "rw"}, {"target", "/x"}, {"source", "tag"}, {"types", "virtiofs"}};
    mounts.good = "virtiofs";
    EXPECT_EQ(mount(), Outcome::done);
    EXPECT_THAT(mounts.mounts, ElementsAre("tag /x virtiofs rw"));
    EXPECT_THAT(host.modules, ElementsAre("virtiofs"));
}

TEST_F(RootOperations, TheRootsFstabBecomesUnits) {
    mounts.fstab = "UUID=2 /usr ext4 rw 0 2\nnas:/x /x nfs x-initrd.mount 0 0\nbroken\n";
    request.params = {{"usr", "rw"}, {"taken", "/a\n/b"}, {"mode", "force"}, {"repair", "yes"}};
    EXPECT_EQ(fstab(), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("name = \"sysroot/usr\""));
    EXPECT_THAT(host.units, HasSubstr("flags = \"rw\""));
    EXPECT_THAT(host.units, HasSubstr("mode = \"force\", repair = \"yes\""));
    EXPECT_THAT(host.log_text(), HasSubstr("/etc/fstab:2: /x: "));
    EXPECT_THAT(host.log_text(), HasSubstr("/etc/fstab:3: "));
}

TEST_F(RootOperations, BeforeTheBootTheImportSaysWhatInFstabWillNotBeHonoured) {
    request.params = {{"file", "/etc/fstab"},
                      {"text", "UUID=2 /usr ext4 rw 0 2\nnas:/x /x nfs x-initrd.mount 0 0\n"}};
    sdk::Context context(host.raw());
    EXPECT_EQ(import_root(context, sdk::Request(request.raw())), Outcome::done);
    EXPECT_EQ(host.log_text().find("/etc/fstab:2: /x: "), 0U);
    EXPECT_THAT(host.units, IsEmpty());
    host.logged.clear();
    request.options = {{"root", "UUID=1"}, {"rd.fstab", "0"}};
    EXPECT_EQ(import_root(context, sdk::Request(request.raw())), Outcome::done);
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(RootOperations, ARootWithoutFstabNeedsNothingElse) {
    EXPECT_EQ(fstab(), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(RootOperations, AnFstabThatCannotBeReadHoldsUpTheSwitch) {
    mounts.fstab_error = EIO;
    EXPECT_EQ(fstab(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("rd.fstab=0"));
}

} // namespace
} // namespace slipway::fs
