// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/login.h"

#include <gmock/gmock.h>

#include <map>

#include "iscsi/daemon.h"
#include "iscsi/initiator_name.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/iscsi/fake_tree.h"

namespace slipway::iscsi {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using test::FakeTree;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *kSession = "/sys/class/iscsi_session/session1/";
constexpr const char *kInterfaceFile = "/run/initramfs/open-iscsi.interface";

class FakeInitiator final : public InitiatorBackend {
public:
    std::optional<Error> serve(const std::string &initiator_file, int stop,
                               const std::function<void()> &ready,
                               const std::function<void(std::string_view)> &say) override {
        served = initiator_file;
        ready();
        for (std::size_t line = 0; line < lines; ++line)
            say("a line");
        return stop == kStopped ? std::nullopt : std::optional<Error>("iscsid ended with 1");
    }
    LoginResult login(const LoginRequest &request) override {
        logins.push_back(request.target->name + " " + request.address);
        chap = request.target->chap;
        retries = request.retries;
        return result;
    }

    Result<> remove(const Session &session) override {
        removed.push_back(session.id);
        return can_remove ? Result<>() : failure("the kernel refuses: Device or resource busy");
    }

    static constexpr int kStopped = 0;
    std::size_t lines = 1;
    bool can_remove = true;
    std::vector<std::string> removed;
    std::string served;
    std::vector<std::string> logins;
    Chap chap;
    unsigned retries = 0;
    LoginResult result;
};

class FakeNetwork final : public PortalProbe {
public:
    Result<std::vector<std::string>> resolve(const std::string &server) override {
        const auto found = names.find(server);
        if (found != names.end())
            return found->second;
        if (server.starts_with("unknown"))
            return failure("the address of " + server + " cannot be found");
        return std::vector{server};
    }
    Reach connect(const std::string &address, std::uint16_t, const std::string &) override {
        const auto found = reach.find(address);
        return found == reach.end() ? Reach{Reach::State::answers, "", "eth0"} : found->second;
    }

    std::map<std::string, std::vector<std::string>> names;
    std::map<std::string, Reach> reach;
};

class Login : public ::testing::Test {
protected:
    Login() {
        request.unit = "iscsi@1";
        request.key = "1";
        request.options = {{"root", "iscsi:10.0.0.1:::1:iqn.2009-06.example:one"}};
        request.devices = {{"/sys/eth0", {{"uevent.INTERFACE", "eth0"}, {"net_online", "1"}}}};
    }
    Outcome run() {
        sdk::Context context(host.raw());
        return attach(context, sdk::Request(request.raw()), machine);
    }
    Outcome serve(int stop = -1) {
        sdk::Context context(host.raw());
        return keep_daemon(context, sdk::Request(request.raw()), machine, stop);
    }
    void lease(const std::string &root_path) {
        request.unit = "iscsi@lease";
        request.key = "lease";
        request.options = {{"root", "dhcp"}};
        request.devices[0].second.emplace_back("dhcp_root_path", root_path);
    }
    void firmware() {
        request.unit = "iscsi@firmware";
        request.key = "firmware";
        request.options = {{"netroot", "iscsi"}, {"rd.iscsi.firmware", ""}};
    }

    FakeHost host;
    FakeRequest request;
    FakeTree tree;
    FakeInitiator initiator;
    FakeNetwork network;
    SessionTable sessions{tree.root()};
    RunFiles files{tree.root()};
    Machine machine{initiator, network, sessions, files, tree.root()};
};

TEST_F(Login, IsDoneOnceThePortalAnswers) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(initiator.logins, ElementsAre("iqn.2009-06.example:one 10.0.0.1"));
    EXPECT_EQ(initiator.retries, 3U);
    EXPECT_THAT(host.reason, HasSubstr("logged in at 10.0.0.1:3260 through eth0"));
}

TEST_F(Login, SaysWhichDiskIsTheRootAndWhichInterfaceCarriesIt) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(files.read_root_disk(), (RootDisk{"iqn.2009-06.example:one", 1}));
    EXPECT_EQ(tree.read(kInterfaceFile), "eth0\n");
}

TEST_F(Login, LeavesTheRootToOthersIfItIsNamedOtherwise) {
    request.options.emplace_back("netroot", "iscsi:10.0.0.1::::iqn.2009-06.example:one");
    request.options[0].second = "LABEL=sysroot";
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_FALSE(files.read_root_disk());
}

TEST_F(Login, WaitsForAnotherInterfaceWithoutARoute) {
    network.reach["10.0.0.1"] = {Reach::State::no_route, "Network is unreachable", ""};
    EXPECT_EQ(run(), Outcome::incomplete);
    EXPECT_THAT(host.reason, HasSubstr("no route to 10.0.0.1:3260 (Network is unreachable)"));
    EXPECT_THAT(initiator.logins, IsEmpty());
    EXPECT_FALSE(host.missing.empty());
}

TEST_F(Login, TriesAgainIfNobodyAnswers) {
    network.reach["10.0.0.1"] = {Reach::State::failed, "connection refused", "eth0"};
    EXPECT_EQ(run(), Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("10.0.0.1:3260: connection refused"));
    EXPECT_THAT(initiator.logins, IsEmpty());
}

TEST_F(Login, TriesAgainIfTheNameIsNotKnownYet) {
    request.options = {{"root", "iscsi:unknown::::iqn.2009-06.example:one"}};
    EXPECT_EQ(run(), Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("cannot be found"));
}

TEST_F(Login, TakesTheNextAddressOfTheServer) {
    request.options = {{"root", "iscsi:server::::iqn.2009-06.example:one"}};
    network.names["server"] = {"fd00::1", "10.0.0.9"};
    network.reach["fd00::1"] = {Reach::State::no_route, "no", ""};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(initiator.logins, ElementsAre("iqn.2009-06.example:one 10.0.0.9"));
}

TEST_F(Login, EndsForGoodIfThePasswordIsWrong) {
    initiator.result = {LoginResult::End::for_good, "check user and password (CHAP)"};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("iqn.2009-06.example:one"), HasSubstr("CHAP")));
    EXPECT_EQ(tree.read(kInterfaceFile), "");
}

// iscsid goes on trying after a login that took too long, and the kernel names the target only when
// it is logged in.
TEST_F(Login, IsNotDoneBecauseIscsidStillTries) {
    initiator.result = {LoginResult::End::exists, "iscsid still tries to log in"};
    EXPECT_EQ(run(), Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("iqn.2009-06.example:one: 10.0.0.1:3260: iscsid still"));
    EXPECT_EQ(tree.read(kInterfaceFile), "");
    // It has had success meanwhile, at another address of the server.
    tree.session("iqn.2009-06.example:one", "10.0.0.2", "LOGGED_IN");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(tree.read(kInterfaceFile), "eth0\n");
}

TEST_F(Login, OfADaemonThatComplainsWithoutAnEndIsNotShownWhole) {
    initiator.lines = 100000;
    EXPECT_EQ(serve(), Outcome::retry);
    EXPECT_LE(host.logged.size(), 31U);
}

TEST_F(Login, IsNotRepeatedWhileThereIsASession) {
    tree.session("iqn.2009-06.example:one", "10.0.0.1", "LOGGED_IN");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(initiator.logins, IsEmpty());
    tree.file(std::string(kSession) + "state", "FAILED\n");
    EXPECT_EQ(run(), Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("10.0.0.1:3260: session1 is not logged in"));
    EXPECT_THAT(initiator.logins, IsEmpty());
}

TEST_F(Login, MakesASecondSessionToAnotherPortal) {
    tree.session("iqn.2009-06.example:one", "10.0.1.1", "LOGGED_IN");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(initiator.logins.size(), 1U);
}

TEST_F(Login, TakesTheServerOfTheLeaseIfNoneIsNamed) {
    request.options = {{"root", "iscsi:::::iqn.2009-06.example:one"}};
    EXPECT_EQ(run(), Outcome::incomplete);
    request.devices[0].second.emplace_back("dhcp_server", "10.0.0.3");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(initiator.logins, ElementsAre(HasSubstr("10.0.0.3")));
}

TEST_F(Login, TakesTheTargetOfTheLease) {
    lease("iscsi:192.168.50.1:::1:iqn.2009-06.dracut:target0");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(initiator.logins, ElementsAre("iqn.2009-06.dracut:target0 192.168.50.1"));
    EXPECT_EQ(files.read_root_disk(), (RootDisk{"iqn.2009-06.dracut:target0", 1}));
}

TEST_F(Login, GivesTheUserOfTheCommandLineToTheTargetOfTheLease) {
    lease("iscsi:192.168.50.1::::iqn.2009-06.dracut:target0");
    request.options.emplace_back("rd.iscsi.username", "joe");
    request.options.emplace_back("rd.iscsi.password", "secret");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(initiator.chap, (Chap{"joe", "secret", "", ""}));
}

TEST_F(Login, RefusesAHostileLease) {
    lease("iscsi:$(reboot)::::iqn.2009-06.dracut:target0");
    EXPECT_EQ(run(), Outcome::incomplete);
    EXPECT_THAT(host.reason, HasSubstr("eth0: the root-path of the lease is refused"));
    EXPECT_THAT(host.log_text(), HasSubstr("the root-path of the lease is refused"));
    EXPECT_THAT(initiator.logins, IsEmpty());
    EXPECT_THAT(host.programs, IsEmpty());
}

TEST_F(Login, TakesAnotherLeaseThanTheHostileOne) {
    lease("iscsi:$(reboot)::::iqn.2009-06.dracut:target0");
    request.devices.push_back(
        {"/sys/eth1", {{"dhcp_root_path", "iscsi:192.168.51.1::::iqn.2009-06.dracut:b"}}});
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(initiator.logins, ElementsAre("iqn.2009-06.dracut:b 192.168.51.1"));
}

TEST_F(Login, TakesTheLeaseThatLeadsToATarget) {
    lease("iscsi:192.168.50.1::::iqn.2009-06.dracut:a");
    request.devices.push_back(
        {"/sys/eth1", {{"dhcp_root_path", "iscsi:192.168.51.1::::iqn.2009-06.dracut:b"}}});
    network.reach["192.168.50.1"] = {Reach::State::failed, "no answer", "eth0"};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(files.read_root_disk(), (RootDisk{"iqn.2009-06.dracut:b", 0}));
}

TEST_F(Login, WaitsForALeaseWithATarget) {
    lease("/nfs/client");
    EXPECT_EQ(run(), Outcome::incomplete);
}

TEST_F(Login, TakesAllTargetsOfTheFirmware) {
    firmware();
    tree.firmware_target("target0", "iqn.2009-06.example:a", "10.0.0.1", "1");
    tree.firmware_target("target1", "iqn.2009-06.example:b", "10.0.0.2", "3");
    tree.firmware_target("target2", "iqn.2009-06.example:c", "10.0.0.3", "0");
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("iscsi_ibft"));
    EXPECT_THAT(initiator.logins,
                ElementsAre("iqn.2009-06.example:b 10.0.0.2", "iqn.2009-06.example:a 10.0.0.1"));
    EXPECT_EQ(files.read_root_disk()->target, "iqn.2009-06.example:b");
}

TEST_F(Login, FailsWithoutFirmwareOnlyIfTheRootIsThere) {
    firmware();
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("no table of iSCSI targets"));
    request.options[0] = {"root", "LABEL=sysroot"};
    EXPECT_EQ(run(), Outcome::done);
}

TEST_F(Login, FailsForAUnitOfAnUnknownTarget) {
    request.key = "7";
    EXPECT_EQ(run(), Outcome::failed);
}

// ---- the daemon ---------------------------------------------------------------------------------

TEST_F(Login, DaemonHasTheNameOfTheCommandLine) {
    request.options.emplace_back("rd.iscsi.initiator", "iqn.2009-06.example:me");
    EXPECT_EQ(serve(), Outcome::retry);
    EXPECT_EQ(host.ready_calls, 1U);
    EXPECT_EQ(initiator.served, "/run/initiatorname.iscsi");
    EXPECT_EQ(tree.read("/run/initiatorname.iscsi"), "InitiatorName=iqn.2009-06.example:me\n");
    EXPECT_THAT(host.modules, Contains("iscsi_tcp"));
    EXPECT_THAT(host.log_text(), HasSubstr("a line"));
}

TEST_F(Login, DaemonHasTheNameOfTheHost) {
    tree.file(kHostInitiatorFile, "# mine\nInitiatorName=iqn.2009-06.example:host\n");
    EXPECT_EQ(serve(), Outcome::retry);
    EXPECT_EQ(initiator.served, kHostInitiatorFile);
    EXPECT_EQ(tree.read("/run/initiatorname.iscsi"), "");
}

TEST_F(Login, DaemonHasAGeneratedNameAndSaysSo) {
    tree.file("/sys/class/dmi/id/product_uuid", "4C4C4544-0042-4810-8056-B4C04F395931\n");
    EXPECT_EQ(serve(), Outcome::retry);
    EXPECT_EQ(tree.read("/run/initiatorname.iscsi"),
              "InitiatorName=iqn.2026-01.org.slipway:4c4c4544-0042-4810-8056-b4c04f395931\n");
    EXPECT_THAT(host.log_text(), HasSubstr("rd.iscsi.initiator="));
}

TEST_F(Login, DaemonNeedsTheDriver) {
    host.module_errors["iscsi_tcp"] = ENOENT;
    EXPECT_EQ(serve(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("iscsi_tcp"), HasSubstr("build the image")));
    EXPECT_EQ(host.ready_calls, 0U);
}

TEST_F(Login, DaemonDoesNotMindOtherDriversThatAreMissing) {
    host.module_errors["crc32c"] = ENOENT;
    EXPECT_EQ(serve(), Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("iscsid ended with 1"));
}

TEST_F(Login, SessionThatWasAlwaysRefusedIsNotLeftToTheHost) {
    tree.session("iqn.2009-06.example:one", "10.0.0.1", "FAILED");
    EXPECT_EQ(serve(), Outcome::retry);
    EXPECT_THAT(initiator.removed, IsEmpty()) << "the daemon starts again, and goes on with it";
    EXPECT_EQ(serve(FakeInitiator::kStopped), Outcome::done);
    EXPECT_THAT(initiator.removed, ElementsAre("session1"));
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("iqn.2009-06.example:one at 10.0.0.1"),
                                       HasSubstr("refused every login")));
}

TEST_F(Login, SessionThatCannotBeRemovedIsSaid) {
    tree.session("iqn.2009-06.example:one", "10.0.0.1", "FAILED");
    initiator.can_remove = false;
    EXPECT_EQ(serve(FakeInitiator::kStopped), Outcome::done);
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("session1 cannot be removed"),
                                       HasSubstr("Device or resource busy")));
}

TEST_F(Login, OtherSessionsAreTheHosts) {
    tree.session("iqn.2009-06.example:one", "10.0.0.1", "LOGGED_IN");
    EXPECT_EQ(serve(FakeInitiator::kStopped), Outcome::done);
    tree.file(std::string(kSession) + "state", "FREE\n");
    EXPECT_EQ(serve(FakeInitiator::kStopped), Outcome::done) << "its first login still runs";
    // The link is down at this moment: the disk may hold the root.
    tree.file(std::string(kSession) + "state", "FAILED\n");
    tree.file(std::string(kSession) + "device/target1:0:0/power", "");
    EXPECT_EQ(serve(FakeInitiator::kStopped), Outcome::done);
    EXPECT_THAT(initiator.removed, IsEmpty());
}

TEST_F(Login, SessionThatCannotBeLookedAtIsTheHosts) {
    tree.session("iqn.2009-06.example:one", "10.0.0.1", "FAILED");
    std::filesystem::remove_all(tree.root() + kSession + "device");
    EXPECT_EQ(serve(FakeInitiator::kStopped), Outcome::done);
    EXPECT_THAT(initiator.removed, IsEmpty());
}

} // namespace
} // namespace slipway::iscsi
