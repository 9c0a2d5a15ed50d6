// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "nfs/operations.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/nfs/fake_nfs.h"

namespace slipway::nfs {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using test::StringPairs;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class NfsTest : public testing::Test {
protected:
    NfsTest() { request_.unit = "sysroot-nfs"; }

    void interface(const std::string &name, StringPairs facts = {}) {
        facts.emplace_back("uevent.INTERFACE", name);
        facts.emplace_back("net_online", "1");
        request_.devices.emplace_back("/sys/devices/" + name, facts);
    }
    Outcome inspect() {
        sdk::Context context(host_.raw());
        return inspect_interface(context, sdk::Request(request_.raw()));
    }
    Outcome activate() {
        sdk::Context context(host_.raw());
        return mount_root(context, sdk::Request(request_.raw()), nfs_, "/sysroot");
    }
    // Of all mounts the same.
    void answer(const MountResult &result) {
        nfs_.on_mount = [result](const MountRequest &) { return result; };
    }
    void answer(int code) { answer({.code = code, .option = {}, .detail = {}}); }

    FakeHost host_;
    FakeRequest request_;
    FakeNfs nfs_;
};

// ---- inspect ------------------------------------------------------------------------------------

TEST_F(NfsTest, InterfacesAreMembersOfTheRoot) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    EXPECT_EQ(inspect(), Outcome::done);
    ASSERT_EQ(host_.members.size(), 1U);
    EXPECT_EQ(host_.members[0].unit, "sysroot-nfs");
    EXPECT_EQ(host_.members[0].name, "192.168.50.1:/srv");
    EXPECT_EQ(host_.members[0].expected, 0U);
}

TEST_F(NfsTest, InterfacesAreLeftAloneWhenTheRootIsElsewhere) {
    request_.options = {{"root", "UUID=1234"}};
    interface("eth0", {{"dhcp_root_path", "192.168.50.1:/srv"}});
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host_.members, IsEmpty());
}

TEST_F(NfsTest, ARefusedRootPathIsToldOnce) {
    request_.options = {{"root", "dhcp"}};
    interface("eth0", {{"dhcp_root_path", "nas:/srv;reboot"}});
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host_.log_text(), HasSubstr("eth0: the root-path \"nas:/srv;reboot\" is refused"));
    EXPECT_EQ(host_.members.size(), 1U) << "why() shows it";
}

TEST_F(NfsTest, ARootPathForIscsiIsNotWorthALine) {
    request_.options = {{"root", "dhcp"}};
    interface("eth0", {{"dhcp_root_path", "iscsi:192.168.50.1::::iqn.x"}});
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.log_text(), "");
}

// ---- activate -----------------------------------------------------------------------------------

TEST_F(NfsTest, MountsWithTheBestVersionAndReadOnly) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_EQ(host_.reason, "mounted 192.168.50.1:/srv (NFS 4.2)");
    ASSERT_EQ(nfs_.mounts.size(), 1U);
    EXPECT_EQ(nfs_.mounts[0].source, "192.168.50.1:/srv");
    EXPECT_EQ(nfs_.mounts[0].target, "/sysroot");
    EXPECT_THAT(nfs_.mounts[0].options,
                ElementsAre("addr=192.168.50.1", "vers=4.2", "sec=sys", "ro"));
    EXPECT_THAT(nfs_.knocks, ElementsAre("192.168.50.1 2049"));
}

TEST_F(NfsTest, PutsTheOptionsOfTheUserLast) {
    request_.options = {{"root", "nfs:[fd00::1]:/srv,wsize=4096,noatime,sec=krb5"},
                        {"rootflags", "vers=3,lock"},
                        {"ro", ""},
                        {"rw", ""}};
    interface("eth0");
    EXPECT_EQ(activate(), Outcome::done);
    ASSERT_EQ(nfs_.mounts.size(), 1U);
    EXPECT_EQ(nfs_.mounts[0].source, "[fd00::1]:/srv");
    EXPECT_THAT(nfs_.mounts[0].options,
                ElementsAre("addr=fd00::1", "vers=3", "wsize=4096", "sec=krb5", "lock", "rw"));
    EXPECT_THAT(nfs_.mounts[0].attributes, ElementsAre("noatime"));
    EXPECT_THAT(nfs_.knocks, ElementsAre("fd00::1 111"));
}

TEST_F(NfsTest, GoesDownToVersion3WhereVersion4IsRefused) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.on_mount = [](const MountRequest &request) {
        const int code = FakeNfs::version_of(request) == "3" ? 0 : ENOENT;
        return MountResult{.code = code, .option = {}, .detail = {}};
    };
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.versions(), ElementsAre("4.2", "3"));
    EXPECT_THAT(nfs_.mounts[1].options, Contains("nolock"));
}

TEST_F(NfsTest, GoesDownOneVersionAfterTheOtherWhereTheyAreNotSpoken) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.on_mount = [](const MountRequest &request) {
        const int code = FakeNfs::version_of(request) == "4.0" ? 0 : EPROTONOSUPPORT;
        return MountResult{.code = code, .option = {}, .detail = {}};
    };
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.versions(), ElementsAre("4.2", "4.1", "4.0"));
}

TEST_F(NfsTest, FindsAServerThatHasVersion3Only) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.ports["192.168.50.1 2049"] = ECONNREFUSED;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.versions(), ElementsAre("3"));
}

TEST_F(NfsTest, AServiceThatDoesNotRunIsSaidBeforeHowVersion3Failed) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.ports["192.168.50.1 2049"] = ECONNREFUSED;
    answer(EACCES); // mountd runs without the service
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(host_.reason, StartsWith("192.168.50.1 refuses connections to port 2049: the NFS "
                                         "service does not run there"));
}

TEST_F(NfsTest, SaysThatTheExportIsRefusedAndTriesAgain) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    answer(EACCES);
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(host_.reason, HasSubstr("192.168.50.1:/srv cannot be mounted (NFS 3): Permission "
                                        "denied: the server does not export this directory"));
    EXPECT_THAT(host_.reason, HasSubstr("/etc/exports on 192.168.50.1"));
}

TEST_F(NfsTest, KeepsTheReasonOfVersion4WhereThereIsNoVersion3) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.on_mount = [](const MountRequest &request) {
        const int code = FakeNfs::version_of(request) == "3" ? ECONNREFUSED : ENOENT;
        return MountResult{.code = code, .option = {}, .detail = {}};
    };
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(host_.reason, HasSubstr("(NFS 4.2): No such file or directory"));
    nfs_.ports["192.168.50.1 111"] = ETIMEDOUT;
    nfs_.mounts.clear();
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(nfs_.versions(), ElementsAre("4.2")) << "a firewall costs one connection";
    EXPECT_THAT(host_.reason, HasSubstr("(NFS 4.2): No such file or directory"));
}

TEST_F(NfsTest, ADeadServerCostsOneConnection) {
    request_.options = {{"root", "nfs4:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.ports["192.168.50.1 2049"] = ETIMEDOUT;
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(nfs_.mounts, IsEmpty());
    EXPECT_EQ(host_.reason, "192.168.50.1 does not answer on port 2049: is the server up, and is "
                            "its address right?");
    EXPECT_EQ(nfs_.now(), std::chrono::milliseconds(4000));
}

TEST_F(NfsTest, TakesTheAddressThatAnswers) {
    request_.options = {{"root", "nfs4:nas:/srv"}};
    interface("eth0");
    nfs_.names["nas"] = {"192.0.2.1", "192.168.50.2", "fd00::3"};
    nfs_.ports["192.0.2.1 2049"] = EINPROGRESS;
    EXPECT_EQ(activate(), Outcome::done);
    ASSERT_EQ(nfs_.mounts.size(), 1U);
    EXPECT_THAT(nfs_.mounts[0].options, Contains("addr=192.168.50.2"));
    EXPECT_EQ(nfs_.mounts[0].source, "nas:/srv");
}

TEST_F(NfsTest, TriesTheNextAddressAndTheNextServer) {
    request_.options = {{"root", "nfs4:nas,other:/srv"}};
    interface("eth0");
    nfs_.names["nas"] = {"192.168.50.1", "192.168.50.2"};
    nfs_.names["other"] = {"192.168.50.3"};
    nfs_.on_mount = [](const MountRequest &request) {
        const int code = request.source == "other:/srv" ? 0 : ESTALE;
        return MountResult{.code = code, .option = {}, .detail = {}};
    };
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_EQ(nfs_.mounts.size(), 3U);
    EXPECT_THAT(host_.log_text(), HasSubstr("nas:/srv cannot be mounted (NFS 4.2, 192.168.50.1)"));
    EXPECT_EQ(host_.reason, "mounted other:/srv (NFS 4.2)");
}

TEST_F(NfsTest, ARoundHasAnEnd) {
    request_.options = {{"root", "nfs:a,b,c,d:/srv"}};
    interface("eth0");
    for (const char *name : {"a", "b", "c", "d"})
        nfs_.names[name] = {std::string("192.0.2.") + name[0]};
    answer(ETIMEDOUT);
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_EQ(nfs_.mounts.size(), 2U);
    EXPECT_EQ(nfs_.now(), std::chrono::milliseconds(31000));
    EXPECT_THAT(host_.reason, HasSubstr("does not answer in time"));
}

TEST_F(NfsTest, ANameThatIsNotKnownIsTriedAgain) {
    request_.options = {{"root", "nfs:nas:/srv"}};
    interface("eth0");
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_EQ(host_.reason, "the server \"nas\" has no address");
}

TEST_F(NfsTest, TheFamilyOfProtoChoosesTheAddress) {
    request_.options = {{"root", "nfs:nas:/srv,proto=tcp6"}};
    interface("eth0");
    nfs_.names["nas"] = {"192.168.50.1", "fd00::1"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.mounts[0].options, Contains("addr=fd00::1"));
    nfs_.names["nas"] = {"192.168.50.1"};
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(host_.reason, HasSubstr("no address that suits proto=tcp6"));
}

TEST_F(NfsTest, NobodyKnocksOverUdp) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv,udp"}};
    interface("eth0");
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.knocks, IsEmpty());
    EXPECT_THAT(nfs_.versions(), ElementsAre("3"));
}

TEST_F(NfsTest, AnOptionThatTheKernelRefusesIsFinal) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv,brandnew"}};
    interface("eth0");
    answer({.code = EINVAL, .option = "brandnew", .detail = "nfs: Unknown parameter 'brandnew'"});
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("the kernel refuses the option \"brandnew\""));
    EXPECT_EQ(nfs_.mounts.size(), 1U);
}

TEST_F(NfsTest, AnImageWithoutNfsIsFinal) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    answer(ENODEV);
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("slipway build --with nfs"));
}

TEST_F(NfsTest, AVersionThatDoesNotExistIsFinal) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv,vers=2"}};
    interface("eth0");
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("there is no NFS version 2"));
}

TEST_F(NfsTest, ABadCommandLineIsFinal) {
    request_.options = {{"root", "nfs:nas:srv"}};
    interface("eth0");
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("root=nfs:nas:srv"));
}

TEST_F(NfsTest, ALeaseWithoutARootPathIsIncomplete) {
    request_.options = {{"root", "dhcp"}};
    interface("eth0");
    interface("eth1", {{"dhcp_root_path", "iscsi:192.168.50.1::::iqn.x"}});
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_THAT(host_.reason, HasSubstr("eth0: the lease has no root-path"));
    EXPECT_THAT(host_.reason, HasSubstr("eth1: the root-path \"iscsi:"));
    EXPECT_THAT(host_.missing, ElementsAre("a DHCP lease with a root-path"));
    EXPECT_THAT(nfs_.mounts, IsEmpty());
}

TEST_F(NfsTest, TheInterfaceWithARootPathIsTaken) {
    request_.options = {{"root", "dhcp"}};
    interface("eth0");
    interface("eth1", {{"dhcp_root_path", "/srv,wsize=4096"}, {"dhcp_server", "192.168.50.1"}});
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_EQ(nfs_.mounts[0].source, "192.168.50.1:/srv");
    EXPECT_THAT(nfs_.mounts[0].options, Contains("wsize=4096"));
}

TEST_F(NfsTest, TheSameRootOnTwoInterfacesIsTriedOnce) {
    request_.options = {{"root", "nfs4:192.168.50.1:/srv"}};
    interface("eth0");
    interface("eth1");
    answer(ESTALE);
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_EQ(nfs_.mounts.size(), 1U);
}

TEST_F(NfsTest, TheMachineHasANameForTheServer) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0", {{"net_mac", "52:54:00:12:34:00"}});
    interface("eth1", {{"net_mac", "52:54:00:12:34:01"}});
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.identities, ElementsAre("52:54:00:12:34:00"));
    EXPECT_THAT(host_.modules, IsEmpty());
    nfs_.has_module = false;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host_.modules, ElementsAre("nfs"));
    EXPECT_THAT(host_.log_text(), HasSubstr("nfs.nfs4_unique_id="));
}

TEST_F(NfsTest, WhatIsMountedAlreadyIsDone) {
    request_.options = {{"root", "nfs:192.168.50.1:/srv"}};
    interface("eth0");
    nfs_.has_mount = true;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(nfs_.mounts, IsEmpty());
}

TEST_F(NfsTest, WhatALeaseSaysIsNeverFinal) {
    request_.options = {{"root", "dhcp"}};
    interface("eth0", {{"dhcp_root_path", "192.168.50.1:/srv,vers=2"}});
    EXPECT_EQ(activate(), Outcome::retry);
    EXPECT_THAT(host_.reason, HasSubstr("there is no NFS version 2"));
}

} // namespace
} // namespace slipway::nfs
