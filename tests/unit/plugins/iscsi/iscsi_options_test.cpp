// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/iscsi_options.h"

#include <gmock/gmock.h>

#include "unit/plugins/fake_host.h"

namespace slipway::iscsi {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const std::string kOne = "10.0.0.1::::iqn.2009-06.example:one";
const std::string kTwo = "10.0.0.2::::iqn.2009-06.example:two";

IscsiOptions read(const test::StringPairs &options) {
    test::FakeRequest request;
    request.options = options;
    return read_options(sdk::Request(request.raw()).options());
}

TEST(IscsiOptions, AreEmptyForOtherRoots) {
    const IscsiOptions options = read({{"root", "UUID=1"}});
    EXPECT_THAT(options.targets, IsEmpty());
    EXPECT_FALSE(options.uses_lease || options.uses_firmware);
    EXPECT_THAT(options.problems, IsEmpty());
}

TEST(IscsiOptions, NameTheRootItself) {
    const IscsiOptions options = read({{"root", "iscsi:" + kOne}});
    ASSERT_EQ(options.targets.size(), 1U);
    EXPECT_EQ(options.root_key, "1");
    EXPECT_EQ(options.find("1")->server, "10.0.0.1");
    EXPECT_EQ(options.find("2"), nullptr);
}

TEST(IscsiOptions, NameTwoTargetsForARootOnBoth) {
    const IscsiOptions options =
        read({{"root", "LABEL=sysroot"}, {"netroot", "iscsi:" + kOne + "\niscsi:" + kTwo}});
    EXPECT_EQ(options.targets.size(), 2U);
    EXPECT_EQ(options.root_key, "");
}

TEST(IscsiOptions, CountOneTargetOnce) {
    EXPECT_EQ(read({{"netroot", "iscsi:" + kOne + "\niscsi:" + kOne}}).targets.size(), 1U);
}

TEST(IscsiOptions, AttachAnEarlierRootWhenALaterOneSaysWhatIsOnIt) {
    const IscsiOptions options = read({{"root", "iscsi:" + kOne + "\nUUID=1"}});
    EXPECT_EQ(options.targets.size(), 1U);
    EXPECT_EQ(options.root_key, "");
}

TEST(IscsiOptions, LeaveTheRootToTheLease) {
    for (const test::StringPairs &words :
         {test::StringPairs{{"root", "dhcp"}}, test::StringPairs{{"netroot", "dhcp"}},
          test::StringPairs{{"root", "/dev/root"}, {"netroot", "dhcp"}}}) {
        const IscsiOptions options = read(words);
        EXPECT_TRUE(options.uses_lease);
        EXPECT_EQ(options.root_key, kLeaseKey);
    }
}

TEST(IscsiOptions, LeaveTheRootToTheFirmware) {
    const IscsiOptions options = read({{"netroot", "iscsi"}, {"rd.iscsi.firmware", ""}});
    EXPECT_TRUE(options.uses_firmware);
    EXPECT_EQ(options.root_key, kFirmwareKey);
    EXPECT_TRUE(read({{"iscsi_auto", ""}}).uses_firmware);
    EXPECT_FALSE(read({{"rd.iscsi.firmware", "0"}}).uses_firmware);
    EXPECT_THAT(read({{"netroot", "iscsi"}}).problems, ElementsAre(HasSubstr("names no target")));
}

TEST(IscsiOptions, MayComeInPieces) {
    const IscsiOptions options = read({{"rd.iscsi.target.name", "iqn.2009-06.example:one"},
                                       {"rd.iscsi.target.ip", "[fd00::5]"},
                                       {"rd.iscsi.target.port", "3261"},
                                       {"rd.iscsi.target.group", "2"}});
    ASSERT_EQ(options.targets.size(), 1U);
    EXPECT_EQ(options.targets[0].target.server, "fd00::5");
    EXPECT_EQ(options.targets[0].target.port, 3261);
    EXPECT_EQ(options.targets[0].target.group, 2);
    EXPECT_EQ(options.root_key, "1");
}

TEST(IscsiOptions, MayBeInTheWordsOfDebian) {
    const IscsiOptions options = read({{"root", "UUID=1"},
                                       {"iscsi_initiator", "iqn.2009-06.example:me"},
                                       {"iscsi_target_name", "iqn.2009-06.example:one"},
                                       {"iscsi_target_ip", "10.0.0.1"},
                                       {"iscsi_username", "joe"},
                                       {"iscsi_password", "secret"},
                                       {"iscsi_in_username", "target"},
                                       {"iscsi_in_password", "other"}});
    ASSERT_EQ(options.targets.size(), 1U);
    EXPECT_EQ(options.initiator, "iqn.2009-06.example:me");
    EXPECT_EQ(options.targets[0].target.chap, (Chap{"joe", "secret", "target", "other"}));
    EXPECT_EQ(options.root_key, "");
}

TEST(IscsiOptions, GiveTheirUserToTargetsWithoutOne) {
    const IscsiOptions options = read({{"netroot", "iscsi:a:b@" + kOne + "\niscsi:" + kTwo},
                                       {"rd.iscsi.username", "joe"},
                                       {"rd.iscsi.password", "secret"}});
    ASSERT_EQ(options.targets.size(), 2U);
    EXPECT_EQ(options.targets[0].target.chap.user, "a");
    EXPECT_EQ(options.targets[1].target.chap.user, "joe");
}

TEST(IscsiOptions, HaveFurtherSettings) {
    const IscsiOptions options =
        read({{"rd.iscsi.param", "node.session.timeo.replacement_timeout=30\nnode.x"},
              {"rd.iscsi.login_retry_max", "7"}});
    EXPECT_THAT(options.params, ElementsAre(Pair("node.session.timeo.replacement_timeout", "30")));
    EXPECT_EQ(options.login_retries, 7U);
    EXPECT_THAT(options.problems, ElementsAre(HasSubstr("rd.iscsi.param=")));
}

TEST(IscsiOptions, RefuseWhatIsWrongWithoutShowingPasswords) {
    const IscsiOptions options = read({{"root", "iscsi:joe:pass@$(x)::::iqn.2009-06.example:one"},
                                       {"rd.iscsi.initiator", "me"},
                                       {"rd.iscsi.password", "pass"},
                                       {"rd.iscsi.login_retry_max", "-1"},
                                       {"rd.iscsi.transport", "bnx2i"}});
    EXPECT_THAT(options.targets, IsEmpty());
    EXPECT_EQ(options.problems.size(), 5U);
    for (const std::string &problem : options.problems)
        EXPECT_THAT(problem, AllOf(HasSubstr("=: "), Not(HasSubstr("pass@"))));
}

TEST(RootPath, IsIscsiByItsFirstWord) {
    EXPECT_TRUE(is_iscsi_root_path("iscsi:" + kOne));
    EXPECT_FALSE(is_iscsi_root_path("/nfs/client"));
    EXPECT_EQ(parse_root_path("iscsi:192.168.50.1:::1:iqn.2009-06.dracut:target0")->lun, 1U);
    EXPECT_THAT(parse_root_path("iscsi:`id`::::x").error().message(),
                HasSubstr("the root-path of the lease is refused"));
}

} // namespace
} // namespace slipway::iscsi
