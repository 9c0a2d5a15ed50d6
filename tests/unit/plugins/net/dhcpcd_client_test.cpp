// SPDX-License-Identifier: LGPL-2.1-or-later
// The client with a program that plays dhcpcd. What dhcpcd really does is a VM case.
#include "net/dhcpcd_client.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace slipway::net {

namespace {

using testing::HasSubstr;

// The interface is "lo", as every machine has it.
class DhcpcdClient : public testing::Test {
protected:
    DhcpcdClient() {
        std::string pattern = testing::TempDir() + "dhcpcd-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        places_ = {.program = folder_ + "/dhcpcd",
                   .hook = SLIPWAY_DHCP_HOOK,
                   .directory = folder_ + "/run/net"};
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    // `send NAME=VALUE…` in the script runs the hook with these.
    void play(const std::string &script) const {
        std::ofstream(places_.program)
            << "#!/bin/sh\nsend() { env -i slipway_socket=" << places_.socket_of("lo")
            << " interface=lo \"$@\" " << places_.hook << " || echo hook failed; }\n"
            << script;
        std::filesystem::permissions(places_.program, std::filesystem::perms::owner_all);
    }

    // Ends the client after so many events.
    Result<> run(std::size_t events) {
        return make_dhcpcd_client(places_)->run({.interface = "lo"}, [&](const DhcpEvent &event) {
            events_.push_back(event);
            return events_.size() < events;
        });
    }

    std::string folder_;
    DhcpcdPlaces places_;
    std::vector<DhcpEvent> events_;
};

constexpr const char *kBound = "send reason=BOUND new_ip_address=10.0.0.5 new_subnet_cidr=8 "
                               "'new_root_path=/srv/$(x) y'\n";

TEST_F(DhcpcdClient, ReportsWhatBecomesOfTheLease) {
    play(std::string("send reason=PREINIT\n") + kBound +
         "send reason=RENEW new_ip_address=10.0.0.5 new_subnet_cidr=8 "
         "'new_root_path=/srv/$(x) y'\n"
         "send reason=REBIND new_ip_address=10.0.0.6 new_subnet_cidr=8\n"
         "send reason=EXPIRE\nsend reason=EXPIRE\n" +
         kBound + "exec sleep 60\n");
    ASSERT_TRUE(run(5).has_value());
    using Kind = DhcpEvent::Kind;
    EXPECT_EQ(events_[0].kind, Kind::got);
    EXPECT_EQ(events_[0].lease.root_path, "/srv/$(x) y");
    EXPECT_GT(events_[0].lease.acquired.count(), 0);
    EXPECT_EQ(events_[1].kind, Kind::renewed);
    EXPECT_EQ(events_[2].kind, Kind::changed);
    EXPECT_EQ(events_[2].lease.addresses.front(), "10.0.0.6/8");
    EXPECT_EQ(events_[3].kind, Kind::lost);
    EXPECT_EQ(events_[4].kind, Kind::got);
}

TEST_F(DhcpcdClient, TellsWhyTheProgramEnded) {
    play("echo 'lo: out of luck' >&2\nexit 3\n");
    const auto result = run(9);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().message(),
              "the DHCP client of lo has ended with exit code 3: lo: out of luck");
    play("kill -KILL $$\n");
    events_.clear();
    EXPECT_THAT(run(9).error().message(), HasSubstr("was killed by signal 9"));
}

TEST_F(DhcpcdClient, EndsTheProgramWhenTheCallerHasEnough) {
    play(std::string("trap 'echo ended >") + folder_ + "/mark; exit 0' TERM\n" + kBound +
         "while true; do read -r line </dev/null; sleep 0.01; done\n");
    ASSERT_TRUE(run(1).has_value());
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/mark"));
}

TEST_F(DhcpcdClient, PassesOnWhatTheProgramWrites) {
    play("printf 'lo: strange\\n\\nlo: \\033[2J\\n' >&2\nexec sleep 60\n");
    ASSERT_TRUE(run(2).has_value());
    EXPECT_EQ(events_[0].text, "lo: strange");
    EXPECT_EQ(events_[1].text, "lo: ?[2J");
}

TEST_F(DhcpcdClient, IsDeafToOtherInterfaces) {
    play(std::string("send interface=eth9 reason=BOUND new_ip_address=10.0.0.9\n") + kBound +
         "exec sleep 60\n");
    ASSERT_TRUE(run(1).has_value());
    EXPECT_EQ(events_[0].lease.addresses.front(), "10.0.0.5/8");
}

TEST_F(DhcpcdClient, LeavesOutWhatIsTooLong) {
    play("long=$(printf '%5000s' x)\nsend reason=BOUND new_ip_address=10.0.0.5 new_subnet_cidr=8 "
         "\"new_root_path=$long\"\nexec sleep 60\n");
    ASSERT_TRUE(run(1).has_value());
    EXPECT_EQ(events_[0].lease.root_path, "");
    ASSERT_EQ(events_[0].complaints.size(), 1U);
    EXPECT_THAT(events_[0].complaints[0], HasSubstr("new_root_path"));
}

TEST_F(DhcpcdClient, KeepsItsFilesToItself) {
    play(std::string(kBound) + "exec sleep 60\n");
    ASSERT_TRUE(run(1).has_value());
    struct stat status{};
    ASSERT_EQ(::stat(places_.directory.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0700U);
    ASSERT_EQ(::stat(places_.socket_of("lo").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(DhcpcdClient, SaysWhatIsMissing) {
    const auto result = run(1);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code(), ENOENT);
    EXPECT_THAT(result.error().message(), HasSubstr("build the image again with dhcpcd"));
    play("exit 0\n");
    const auto absent = make_dhcpcd_client(places_)->run({.interface = "absent9"},
                                                         [](const DhcpEvent &) { return true; });
    EXPECT_EQ(absent.error().code(), ENODEV);
}

} // namespace

} // namespace slipway::net
