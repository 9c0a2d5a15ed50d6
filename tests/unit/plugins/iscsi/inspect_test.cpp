// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/inspect.h"

#include <gmock/gmock.h>

#include "iscsi/import_targets.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/iscsi/fake_tree.h"

namespace slipway::iscsi {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using test::FakeTree;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kDisk = "/sys/devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sda";

class Inspect : public ::testing::Test {
protected:
    Outcome interface(test::StringPairs facts) {
        facts.emplace_back("uevent.INTERFACE", "eth0");
        request.devices = {{"/sys/eth0", std::move(facts)}};
        sdk::Context context(host.raw());
        return inspect_interface(context, sdk::Request(request.raw()));
    }
    Outcome disk(const std::string &syspath, const std::string &type,
                 const std::string &table = "") {
        request.devices = {
            {syspath,
             {{"devnode", "/dev/sda"}, {"devtype", type}, {"disk", kDisk}, {"pt_type", table}}}};
        sdk::Context context(host.raw());
        return inspect_disk(context, sdk::Request(request.raw()), SessionTable(tree.root()),
                            RunFiles(tree.root()));
    }
    void login(std::uint64_t lun = 1) {
        tree.session("iqn.2009-06.example:one", "10.0.0.1", "LOGGED_IN");
        ASSERT_TRUE(RunFiles(tree.root()).write_root_disk({"iqn.2009-06.example:one", lun}));
    }
    std::vector<std::string> units() const {
        std::vector<std::string> names;
        for (const sdk::Membership &member : host.members)
            names.push_back(member.unit);
        return names;
    }

    FakeHost host;
    FakeRequest request;
    FakeTree tree;
};

TEST_F(Inspect, AnInterfaceMayLeadToAnyTarget) {
    request.options = {{"netroot", "iscsi:10.0.0.1::::iqn.2009-06.example:one\n"
                                   "iscsi:10.0.0.2:::eth1:0:iqn.2009-06.example:two\n"
                                   "iscsi:10.0.0.3:::eth0:0:iqn.2009-06.example:three"},
                       {"rd.iscsi.firmware", ""}};
    EXPECT_EQ(interface({}), Outcome::done);
    EXPECT_THAT(units(), ElementsAre("iscsi@1", "iscsi@3", "iscsi@firmware"));
    EXPECT_EQ(host.members[0].name, "iqn.2009-06.example:one");
}

TEST_F(Inspect, ALeaseCountsIfItIsAskedForAndIsOfIscsi) {
    const std::pair<std::string, std::string> root_path = {
        "dhcp_root_path", "iscsi:192.168.50.1:::1:iqn.2009-06.dracut:target0"};
    EXPECT_EQ(interface({root_path}), Outcome::done);
    EXPECT_THAT(host.members, IsEmpty());
    request.options = {{"root", "dhcp"}};
    EXPECT_EQ(interface({{"dhcp_root_path", "/nfs/client"}}), Outcome::done);
    EXPECT_THAT(host.members, IsEmpty());
    EXPECT_EQ(interface({root_path}), Outcome::done);
    EXPECT_THAT(units(), ElementsAre("iscsi@lease"));
    EXPECT_THAT(host.members[0].provides, ElementsAre("/dev/root"));
}

TEST_F(Inspect, TheDiskOfTheRootHasAnAlias) {
    login();
    EXPECT_EQ(disk(kDisk, "disk"), Outcome::done);
    EXPECT_EQ(host.published[kDisk]["aliases"], "/dev/root");
}

TEST_F(Inspect, AnotherLunHasNone) {
    login(2);
    EXPECT_EQ(disk(kDisk, "disk"), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(Inspect, ADiskOfAnotherTargetHasNone) {
    login();
    tree.session("iqn.2009-06.example:two", "10.0.0.1", "LOGGED_IN");
    EXPECT_EQ(disk(kDisk, "disk"), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(Inspect, NoDiskHasOneIfTheRootIsNamedOtherwise) {
    tree.session("iqn.2009-06.example:one", "10.0.0.1", "LOGGED_IN");
    EXPECT_EQ(disk(kDisk, "disk"), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(Inspect, TheOnlyPartitionStandsForTheDisk) {
    login();
    tree.file(kDisk + "/sda1/partition", "1\n");
    EXPECT_EQ(disk(kDisk, "disk", "gpt"), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
    EXPECT_EQ(disk(kDisk + "/sda1", "partition"), Outcome::done);
    EXPECT_EQ(host.published[kDisk + "/sda1"]["aliases"], "/dev/root");
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(Inspect, OfSeveralPartitionsNoneIsMeant) {
    login();
    tree.file(kDisk + "/sda1/partition", "1\n");
    tree.file(kDisk + "/sda2/partition", "2\n");
    EXPECT_EQ(disk(kDisk, "disk", "gpt"), Outcome::done);
    EXPECT_EQ(disk(kDisk + "/sda1", "partition"), Outcome::done);
    EXPECT_THAT(host.published, IsEmpty());
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("2 partitions"), HasSubstr("root=UUID=")));
}

TEST_F(Inspect, ImportWritesAUnitForEachTarget) {
    request.options = {{"root", "LABEL=sysroot"},
                       {"netroot", "iscsi:joe:secret@[fd00::5]::::iqn.2009-06.example:one\n"
                                   "iscsi:::::iqn.2009-06.example:two\niscsi:bad"},
                       {"rd.iscsi.firmware", "1"}};
    sdk::Context context(host.raw());
    EXPECT_EQ(import_targets(context, sdk::Request(request.raw())), Outcome::done);
    EXPECT_EQ(host.units, "[[unit]]\nname = \"iscsi@1\"\n"
                          "description = \"Attach the iSCSI target iqn.2009-06.example:one at "
                          "[fd00::5]:3260\"\n\n"
                          "[[unit]]\nname = \"iscsi@2\"\n"
                          "description = \"Attach the iSCSI target iqn.2009-06.example:two\"\n\n"
                          "[[unit]]\nname = \"iscsi@firmware\"\n"
                          "description = \"Attach the iSCSI targets of the firmware\"\n\n");
    EXPECT_THAT(host.log_text(), HasSubstr("iSCSI target \"bad\""));
}

TEST_F(Inspect, ImportWritesNothingForOtherRoots) {
    request.options = {{"root", "UUID=1"}};
    sdk::Context context(host.raw());
    EXPECT_EQ(import_targets(context, sdk::Request(request.raw())), Outcome::done);
    EXPECT_EQ(host.units, "");
}

TEST(LunOf, IsTheLastNumberOfTheUnit) {
    EXPECT_EQ(lun_of(kDisk), 1U);
    EXPECT_FALSE(lun_of("/sys/devices/virtual/block"));
    EXPECT_FALSE(lun_of("/sys/devices/x/block/sda"));
}

} // namespace
} // namespace slipway::iscsi
