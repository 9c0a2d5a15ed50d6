// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/inspect_block.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "unit/plugins/coldplug/fake_sysfs.h"
#include "unit/plugins/fake_host.h"

namespace slipway::coldplug {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using test::FakeSysfs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

class FakeProbeBackend final : public ProbeBackend {
public:
    Result<ProbeResult> probe(const std::string &devnode, const ProbeOptions &options) override {
        probed.push_back(devnode);
        was_optical = options.is_optical;
        disk_node = options.disk_node;
        if (error != 0)
            return errno_failure("probe " + devnode, error);
        return result;
    }

    ProbeResult result;
    int error = 0;
    bool was_optical = false;
    std::string disk_node;
    std::vector<std::string> probed;
};

class InspectBlock : public ::testing::Test {
protected:
    InspectBlock() {
        prober.result.fs_type = "ext4";
        prober.result.fs_usage = "filesystem";
        prober.result.fs_uuid = "1234";
        use("/sys/devices/pci0/virtio1/block/vda");
    }
    void use(const std::string &path) {
        syspath = path;
        sysfs.file(path + "/size", "2048\n");
        const std::string node = "/dev/" + base_name(path);
        request.devices = {{path, {{"devnode", node}, {"major", "254"}, {"minor", "0"}}}};
    }
    Outcome inspect() {
        sdk::Context context(host.raw());
        return inspect_block(context, sdk::Request(request.raw()), sysfs, prober, boot);
    }
    std::map<std::string, std::string> &facts() { return host.published[syspath]; }

    FakeHost host;
    FakeRequest request;
    FakeSysfs sysfs;
    BootPartition boot{sysfs};
    FakeProbeBackend prober;
    std::string syspath;
};

TEST_F(InspectBlock, PublishesWhatIsOnTheDevice) {
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts(), Contains(Pair("ready", "1")));
    EXPECT_THAT(facts(), Contains(Pair("fs_uuid", "1234")));
    EXPECT_THAT(facts()["links"], HasSubstr("/dev/disk/by-uuid/1234"));
    EXPECT_THAT(facts()["links"], HasSubstr("/dev/block/254:0"));
    EXPECT_FALSE(prober.was_optical);
}

TEST_F(InspectBlock, ADeviceWithoutNumberHasNoLinkByNumber) {
    request.devices = {{syspath, {{"devnode", "/dev/vda"}, {"major", "254"}}}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts()["links"], Not(HasSubstr("/dev/block")));
}

TEST_F(InspectBlock, AnEmptyDriveIsNotReady) {
    use("/sys/devices/pci0/ata1/host0/target0:0:0/0:0:0:0/block/sr0");
    for (const int error : {ENOMEDIUM, ENXIO}) {
        host.published.clear();
        prober.error = error;
        EXPECT_EQ(inspect(), Outcome::done);
        EXPECT_THAT(facts(), ElementsAre(Pair("ready", "0")));
    }
    EXPECT_TRUE(prober.was_optical);
}

TEST_F(InspectBlock, AnUnreadableDeviceIsReadyButHasNoContent) {
    prober.error = EIO;
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts(), Contains(Pair("ready", "1")));
    EXPECT_THAT(facts(), Not(Contains(Key("fs_type"))));
    EXPECT_THAT(host.log_text(), HasSubstr("/dev/vda"));
}

TEST_F(InspectBlock, ASuspendedMappingIsNotOpened) {
    use("/sys/devices/virtual/block/dm-0");
    sysfs.file(syspath + "/dm/name", "vg0-root\n");
    sysfs.file(syspath + "/dm/suspended", "1\n");
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts(), ElementsAre(Pair("ready", "0")));
    EXPECT_THAT(prober.probed, IsEmpty());
}

TEST_F(InspectBlock, AFloppyIsNotOpenedAndNothingIsSaidAboutIt) {
    use("/sys/devices/platform/floppy.0/block/fd0");
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
    EXPECT_THAT(prober.probed, IsEmpty());
}

TEST_F(InspectBlock, TheCookieOfTheEventCounts) {
    use("/sys/devices/virtual/block/dm-0");
    sysfs.file(syspath + "/dm/name", "vg0-snap\n");
    sysfs.file(syspath + "/dm/uuid", "LVM-" + std::string(64, 'a') + "\n");
    request.devices[0].second.emplace_back("dm_cookie", std::to_string(0x0010U << 16U));
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts(), Contains(Pair("link_priority", "-100")));
}

TEST_F(InspectBlock, APartitionHasTheNamesOfItsDisk) {
    sysfs.file(syspath + "/serial", "disk0\n");
    sysfs.file(syspath + "/vda1/partition", "1\n");
    use(syspath + "/vda1");
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts()["links"], HasSubstr("/dev/disk/by-id/virtio-disk0-part1"));
    EXPECT_THAT(facts(), Contains(Pair("serial", "disk0")));
}

TEST_F(InspectBlock, OfAPartitionTheTableOfItsDiskIsRead) {
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(prober.disk_node, "") << "a disk";
    use("/sys/devices/pci0/block/cciss!c0d0/cciss!c0d0p2");
    sysfs.file(syspath + "/partition", "2\n");
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(prober.disk_node, "/dev/cciss/c0d0");
}

TEST_F(InspectBlock, WhatTheMachineWasBootedFromIsPreferred) {
    const std::string esp = "11111111-2222-3333-4444-55555555abcd";
    prober.result.table = {{.number = 1, .uuid = esp, .type = {}},
                           {.number = 2, .uuid = "r", .type = {}}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(facts(), Not(Contains(Key("preference")))) << "no firmware that says so";
    std::string variable("\6\0\0\0", 4);
    for (const char character : esp)
        variable += std::string{character == 'a' ? 'A' : character, '\0'};
    sysfs.file("/sys/firmware/efi/efivars/"
               "LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
               variable + std::string(2, '\0'));
    BootPartition asked(sysfs);
    sdk::Context context(host.raw());
    EXPECT_EQ(inspect_block(context, sdk::Request(request.raw()), sysfs, prober, asked),
              Outcome::done);
    EXPECT_THAT(facts(), Contains(Pair("preference", "1")));
}

TEST_F(InspectBlock, NeedsExactlyOneDevice) {
    request.devices.push_back(request.devices.front());
    EXPECT_EQ(inspect(), Outcome::failed);
    request.devices.clear();
    EXPECT_EQ(inspect(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("one device"));
}

} // namespace
} // namespace slipway::coldplug
