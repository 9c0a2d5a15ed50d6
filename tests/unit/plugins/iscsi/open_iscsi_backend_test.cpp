// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/open_iscsi_backend.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/pipe.h"
#include "iscsi/daemon_process.h"
#include "iscsi/firmware.h"
#include "iscsi/limited_run.h"
#include "iscsi/line_budget.h"
#include "iscsi/login_error.h"
#include "iscsi/node_record.h"
#include "iscsi/socket_probe.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/iscsi/fake_tree.h"

namespace slipway::iscsi {
namespace {

using test::FakeHost;
using test::FakeTree;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using End = LoginResult::End;

Target target_with(Chap chap = {}) {
    Target target;
    target.name = "iqn.2009-06.example:one";
    target.chap = std::move(chap);
    return target;
}

TEST(NodeRecord, HasTheSettingsOfARoot) {
    const Target target = target_with();
    const NodeRecord record = node_record_of({&target, "10.0.0.1", 5, {}});
    EXPECT_EQ(record.folder, "iqn.2009-06.example:one/10.0.0.1,3260,1");
    EXPECT_EQ(record.file, "default");
    EXPECT_THAT(record.text, AllOf(HasSubstr("node.conn[0].address = 10.0.0.1\n"),
                                   HasSubstr("node.session.initial_login_retry_max = 5\n"),
                                   HasSubstr("node.session.timeo.replacement_timeout = 86400\n"),
                                   HasSubstr("node.session.auth.authmethod = None\n")));
}

TEST(NodeRecord, HasUserAndPassword) {
    const Target target = target_with({"joe", "secret", "target", "other"});
    EXPECT_THAT(node_record_of({&target, "10.0.0.1", 3, {}}).text,
                AllOf(HasSubstr("authmethod = CHAP\n"), HasSubstr(".username = joe\n"),
                      HasSubstr(".password = secret\n"), HasSubstr(".username_in = target\n"),
                      HasSubstr(".password_in = other\n")));
}

TEST(NodeRecord, HasTheInterface) {
    Target target = target_with();
    target.netdev = "eth0";
    const NodeRecord record = node_record_of({&target, "fd00::1", 3, {{"node.x", "1"}}});
    EXPECT_EQ(record.file, "eth0");
    EXPECT_EQ(record.folder, "iqn.2009-06.example:one/fd00::1,3260,1");
    EXPECT_THAT(record.text,
                AllOf(HasSubstr("iface.net_ifacename = eth0\n"), EndsWith("node.x = 1\n")));
}

TEST(LoginResult, IsSaidInWords) {
    EXPECT_EQ(login_result_of(0, "").end, End::done);
    EXPECT_EQ(login_result_of(15, "").end, End::exists);
    EXPECT_EQ(login_result_of(24, "").end, End::for_good);
    EXPECT_THAT(login_result_of(24, "").reason, HasSubstr("CHAP"));
    EXPECT_EQ(login_result_of(19, "").end, End::later);
    EXPECT_THAT(login_result_of(19, "").reason, HasSubstr("target of this name"));
    EXPECT_EQ(login_result_of(8, "").end, End::later);
    EXPECT_EQ(login_result_of(12, "").end, End::for_good);
    EXPECT_THAT(login_result_of(-1, "").reason, HasSubstr("open-iscsi"));
    EXPECT_THAT(login_result_of(6, "one\nlast\x1b[0m line\n").reason,
                HasSubstr("iscsiadm ended with 6: last?[0m line"));
    EXPECT_THAT(login_result_of(99, "").reason, HasSubstr("no reason"));
}

class OpenIscsi : public ::testing::Test {
protected:
    LoginResult login(const Target &target) {
        const auto run = [this](const std::vector<std::string> &argv,
                                const std::function<void()> &is_slow) {
            programs.push_back(argv);
            if (is_slow_target)
                is_slow();
            record = tree.read(kRecord);
            struct stat status{};
            if (::stat((tree.root() + kRecord).c_str(), &status) == 0)
                mode = status.st_mode & 0777;
            return ProgramEnd{.exit_code = exit_code, .errors = "an error\n"};
        };
        sdk::Context context(host.raw());
        return make_open_iscsi_backend(context, tree.root(), run)
            ->login({&target, "10.0.0.1", 3, {}});
    }

    static inline const std::string kRecord =
        "/var/lib/iscsi/nodes/iqn.2009-06.example:one/10.0.0.1,3260,1/default";
    FakeHost host;
    FakeTree tree;
    std::string record;
    std::vector<std::vector<std::string>> programs;
    mode_t mode = 0;
    std::optional<int> exit_code = 0;
    bool is_slow_target = false;
};

TEST_F(OpenIscsi, HandsPasswordsOverInAFileThatIsGoneAfterwards) {
    EXPECT_EQ(login(target_with({"joe", "secret", "", ""})).end, End::done);
    EXPECT_THAT(record, HasSubstr("password = secret"));
    EXPECT_EQ(mode, 0600U);
    ASSERT_EQ(programs.size(), 1U);
    EXPECT_THAT(programs[0],
                ElementsAre("/usr/sbin/iscsiadm", "--mode", "node", "--targetname",
                            "iqn.2009-06.example:one", "--portal", "10.0.0.1:3260", "--login"));
    EXPECT_THAT(host.log_text(), Not(HasSubstr("secret")));
    EXPECT_FALSE(
        std::filesystem::exists(tree.root() + "/var/lib/iscsi/nodes/iqn.2009-06.example:one"));
}

TEST_F(OpenIscsi, ReplacesWhatATryThatWasCutOffHasLeft) {
    tree.file(kRecord, "old");
    exit_code = 24;
    EXPECT_EQ(login(target_with()).end, End::for_good);
    EXPECT_THAT(record, HasSubstr("node.name"));
    EXPECT_THAT(record, Not(HasSubstr("old")));
    EXPECT_EQ(tree.read(kRecord), "");
}

TEST_F(OpenIscsi, DoesNotWaitForATargetThatNeverLetsUsIn) {
    exit_code.reset();
    const LoginResult result = login(target_with({"joe", "secret", "", ""}));
    EXPECT_EQ(result.end, End::later);
    EXPECT_THAT(result.reason, HasSubstr("a target of this name"));
    EXPECT_EQ(tree.read(kRecord), "");
}

TEST_F(OpenIscsi, SaysWhatMayBeWrongBeforeATryHasFailed) {
    is_slow_target = true;
    EXPECT_EQ(login(target_with()).end, End::done);
    EXPECT_THAT(host.progress,
                ElementsAre(AllOf(HasSubstr("10.0.0.1:3260"), HasSubstr("a target of this name"))));
}

TEST_F(OpenIscsi, RemovesNoSessionThatSysfsDoesNotName) {
    sdk::Context context(host.raw());
    const auto backend = make_open_iscsi_backend(context, tree.root(), nullptr);
    Session session{.id = "session1", .target = "", .address = "", .port = "", .interface_id = ""};
    EXPECT_FALSE(backend->remove(session)) << "there is no handle of the driver";
    tree.file("/sys/class/iscsi_transport/tcp/handle", "18446744072099573760\n");
    session.id = "session";
    EXPECT_FALSE(backend->remove(session));
}

// ---- a program with a time limit
// -----------------------------------------------------------------

constexpr RunLimits kPlenty{.slow = std::chrono::minutes(1), .total = std::chrono::minutes(1)};
constexpr auto kNothing = [] {};

TEST(LimitedRun, TellsTheEndAndTheErrors) {
    const ProgramEnd end =
        run_limited({"/bin/sh", "-c", "echo out; echo error >&2; exit 24"}, kPlenty, kNothing);
    EXPECT_EQ(end.exit_code, 24);
    EXPECT_EQ(end.errors, "error\n");
    EXPECT_EQ(run_limited({"/nonexistent"}, kPlenty, kNothing).exit_code, -1);
}

TEST(LimitedRun, SaysWhatIsSlowAndKillsWhatTakesTooLong) {
    int said = 0;
    const ProgramEnd end = run_limited(
        {"/bin/sh", "-c", "echo slow >&2; exec sleep 1000"},
        {.slow = std::chrono::milliseconds(50), .total = std::chrono::milliseconds(300)},
        [&] { ++said; });
    EXPECT_EQ(end.exit_code, std::nullopt);
    EXPECT_EQ(said, 1);
    EXPECT_EQ(end.errors, "slow\n");
}

TEST(LimitedRun, KeepsTheBeginningOfAFlood) {
    const ProgramEnd end = run_limited(
        {"/bin/sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2"}, kPlenty, kNothing);
    EXPECT_EQ(end.exit_code, 0);
    EXPECT_EQ(end.errors, std::string(4096, 'x'));
}

TEST(LineBudget, LeavesOutAFloodAndCountsIt) {
    using std::chrono::seconds;
    LineBudget budget(3, seconds(10));
    const LineBudget::Clock::time_point start;
    for (int line = 0; line < 5; ++line)
        EXPECT_EQ(budget.take(start + seconds(line)).is_shown, line < 3) << line;
    const auto next = budget.take(start + seconds(10));
    EXPECT_TRUE(next.is_shown);
    EXPECT_EQ(next.left_out, 2U);
    EXPECT_EQ(budget.take(start + seconds(11)).left_out, 0U) << "it is said once";
    EXPECT_EQ(budget.take(start + seconds(20)).left_out, 0U) << "nothing was left out";
}

// ---- the process of the daemon ------------------------------------------------------------------

class Process : public ::testing::Test {
protected:
    std::string run(const std::vector<std::string> &argv,
                    std::chrono::milliseconds patience = std::chrono::minutes(1)) {
        const auto end = run_daemon_process(
            argv, stop, [this] { events.emplace_back("ready"); },
            [this](std::string_view line) { events.emplace_back(line); }, patience);
        return end ? end->message() : "was ended";
    }
    int stop = -1;
    std::vector<std::string> events;
};

TEST_F(Process, ThatCannotBeStartedIsSaid) {
    EXPECT_THAT(run({"/nonexistent/iscsid"}), HasSubstr("/nonexistent/iscsid"));
    EXPECT_THAT(events, IsEmpty());
}

TEST_F(Process, TellsLinesAndHowItEnded) {
    EXPECT_THAT(run({"/bin/sh", "-c", "echo one; echo two >&2; printf three; exit 3"}),
                HasSubstr("/bin/sh has ended with exit code 3"));
    EXPECT_THAT(events, ElementsAre("one", "two", "three"));
    EXPECT_THAT(run({"/bin/sh", "-c", "kill -9 $$"}), HasSubstr("killed by signal 9"));
}

TEST_F(Process, IsReadyAfterAWhileIfItDoesNotTell) {
    (void)run({"/bin/sh", "-c", "sleep 0.3"}, std::chrono::milliseconds(50));
    EXPECT_THAT(events, ElementsAre("ready"));
}

TEST_F(Process, IsEndedWhenItIsToStop) {
    auto pipe = make_pipe();
    ASSERT_TRUE(pipe);
    stop = pipe->read.get();
    pipe->write.reset(); // the end of the stream makes it readable
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run({"/bin/sh", "-c", "exec sleep 1000"}), "was ended");
    EXPECT_EQ(run({"/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"}), "was ended");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST_F(Process, IsGivenAPlaceToTell) {
    (void)run({"/bin/sh", "-c", "echo $NOTIFY_SOCKET"});
    EXPECT_THAT(events, ElementsAre(HasSubstr("@slipway/iscsi/")));
}

// ---- the firmware's table -----------------------------------------------------------------------

TEST(Firmware, IsReadWithItsSecrets) {
    const FakeTree tree;
    tree.firmware_target("target0", "iqn.2009-06.example:one", "10.0.0.1", "3");
    tree.file("/sys/firmware/ibft/target0/lun", "01000000\n");
    tree.file("/sys/firmware/ibft/target0/chap-type", "2\n");
    tree.file("/sys/firmware/ibft/target0/chap-name", "joe\n");
    tree.file("/sys/firmware/ibft/target0/chap-secret", "secret\n");
    tree.file("/sys/firmware/ibft/target0/rev-chap-name", "target\n");
    tree.file("/sys/firmware/ibft/target0/rev-chap-name-secret", "other\n");
    tree.file("/sys/firmware/ibft/initiator/initiator-name", "iqn.2009-06.example:me\n");
    const Firmware firmware = read_firmware(tree.root());
    ASSERT_EQ(firmware.targets.size(), 1U);
    EXPECT_EQ(firmware.targets[0].lun, 1U);
    EXPECT_EQ(firmware.targets[0].chap, (Chap{"joe", "secret", "target", "other"}));
    EXPECT_EQ(firmware.initiator, "iqn.2009-06.example:me");
    EXPECT_THAT(firmware.problems, IsEmpty());
}

TEST(Firmware, IsNotTrusted) {
    const FakeTree tree;
    tree.firmware_target("target0", "nonsense", "10.0.0.1", "1");
    tree.firmware_target("target1", "iqn.2009-06.example:one", "`id`", "1");
    tree.firmware_target("target2", "iqn.2009-06.example:one", "10.0.0.1", "1");
    tree.file("/sys/firmware/ibft/target2/lun", "x\n");
    tree.file("/sys/firmware/ibft/initiator/initiator-name", "me;me\n");
    const Firmware firmware = read_firmware(tree.root());
    EXPECT_TRUE(firmware.is_present);
    EXPECT_THAT(firmware.targets, IsEmpty());
    EXPECT_EQ(firmware.problems.size(), 4U);
    EXPECT_EQ(firmware.initiator, "");
}

TEST(Firmware, MayBeAbsent) {
    EXPECT_FALSE(read_firmware(FakeTree().root()).is_present);
}

// ---- the network, as far as it needs no other machine -------------------------------------------

TEST(SocketProbe, ResolvesAddressesWithoutAsking) {
    EXPECT_THAT(make_socket_probe()->resolve("127.0.0.1").value(), ElementsAre("127.0.0.1"));
    EXPECT_THAT(make_socket_probe()->resolve("::1").value(), ElementsAre("::1"));
}

TEST(SocketProbe, SaysThatNobodyListens) {
    const Reach reach = make_socket_probe()->connect("127.0.0.1", 1, "");
    EXPECT_EQ(reach.state, Reach::State::failed);
    EXPECT_THAT(reach.reason, HasSubstr("connection refused"));
    EXPECT_EQ(reach.interface_name, "lo");
}

TEST(SocketProbe, SaysThatAnInterfaceIsNotThere) {
    EXPECT_EQ(make_socket_probe()->connect("127.0.0.1", 1, "nothere0").state,
              Reach::State::no_route);
}

} // namespace
} // namespace slipway::iscsi
