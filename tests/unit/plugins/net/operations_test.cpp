// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/if_arp.h>

#include "unit/builder/temporary_directory.h"
#include "unit/plugins/fake_host.h"

namespace slipway::net {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The kernel's side: what was asked of it, in order.
class FakeLinks final : public LinkBackend {
public:
    Result<std::optional<Link>> find(const std::string &name) override {
        for (const Link &link : links) {
            if (link.name == name)
                return link;
        }
        return std::nullopt;
    }
    bool is_first(const Link &link) override { return link.index == 2; }
    Result<> rename(const Link &link, const std::string &name) override {
        return did(link.name + " is called " + name);
    }
    Result<> set_up(const Link &link) override { return did(link.name + " up"); }
    Result<> set_down(const Link &link) override { return did(link.name + " down"); }
    Result<> set_mtu(const Link &link, unsigned mtu) override {
        return did(link.name + " mtu " + std::to_string(mtu));
    }
    Result<> set_mac(const Link &link, const std::string &mac) override {
        return did(link.name + " mac " + mac);
    }
    Result<> make_bond(const std::string &name,
                       const std::vector<std::pair<std::string, std::string>> &) override {
        add(9, name, "bond");
        return did("bond " + name);
    }
    Result<> make_bridge(const std::string &name) override {
        add(9, name, "bridge");
        return did("bridge " + name);
    }
    Result<> make_vlan(const Link &parent, const std::string &name, std::uint16_t id) override {
        return did("vlan " + name + " " + std::to_string(id) + " on " + parent.name);
    }
    Result<> add_port(const Link &port, const Link &master) override {
        return did(port.name + " in " + master.name);
    }
    Result<> add_address(const Link &link, const StaticAddress &address) override {
        return did(link.name + " " + address.address);
    }
    Result<> keep_address(const Link &link, const std::string &address) override {
        return did(link.name + " keeps " + address);
    }
    Result<> follow_advertisements(const Link &link) override {
        return did(link.name + " follows advertisements");
    }
    Result<> add_route(const Link &link, const StaticRoute &route) override {
        return did(link.name + " route " + route.destination + " " + route.gateway);
    }
    Result<bool> wait_for_carrier(const Link &, std::chrono::milliseconds) override {
        return has_carrier;
    }

    void add(int index, const std::string &name, const std::string &kind) {
        Link link;
        link.index = index;
        link.name = name;
        link.mac = "52:54:00:12:34:00";
        link.kind = kind;
        link.type = ARPHRD_ETHER;
        links.push_back(std::move(link));
    }

    std::vector<Link> links;
    std::vector<std::string> done;
    bool has_carrier = true;

private:
    Result<> did(std::string what) {
        done.push_back(std::move(what));
        return {};
    }
};

class FakeClient final : public DhcpClient {
public:
    Result<> run(const DhcpRequest &request, const Callback &callback) override {
        asked = request;
        for (const DhcpEvent &event : events)
            (void)callback(event);
        return failure("dhcpcd was ended by signal 9");
    }

    DhcpRequest asked;
    std::vector<DhcpEvent> events;
};

class NetOperations : public ::testing::Test {
protected:
    NetOperations() {
        backend.add(2, "eth0", "");
        request.unit = "net@eth0:2";
        request.key = "eth0:2";
        request.devices = {{kPath, {{"subsystem", "net"}, {"uevent.INTERFACE", "eth0"}}}};
    }

    sdk::Outcome configure() {
        sdk::Context context(host.raw());
        return configure_link(context, sdk::Request(request.raw()), backend, run.path());
    }
    sdk::Outcome serve() {
        request.params = {{"interface", "eth0"}, {"syspath", kPath}};
        sdk::Context context(host.raw());
        return run_dhcp(context, sdk::Request(request.raw()), backend, client, run.path());
    }

    static constexpr const char *kPath = "/sys/devices/pci0000:00/0000:00:03.0/net/eth0";
    testing::TemporaryDirectory run;
    test::FakeHost host;
    test::FakeRequest request;
    FakeLinks backend;
    FakeClient client;
};

TEST_F(NetOperations, NothingIsTouchedThatNobodyAsksFor) {
    request.options = {{"root", "UUID=1"}};
    EXPECT_EQ(configure(), sdk::Outcome::done);
    EXPECT_THAT(backend.done, IsEmpty());
    EXPECT_THAT(host.units, IsEmpty());
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(NetOperations, AWirelessCardIsNotACandidate) {
    for (const char *type : {"wlan", "wwan"}) {
        request.devices = {
            {kPath, {{"subsystem", "net"}, {"uevent.INTERFACE", "eth0"}, {"devtype", type}}}};
        request.options = {{"root", "dhcp"}};
        EXPECT_EQ(configure(), sdk::Outcome::done);
        EXPECT_THAT(backend.done, IsEmpty()) << type;
        EXPECT_THAT(host.units, IsEmpty()) << type;
    }
}

TEST_F(NetOperations, DhcpBecomesAServiceOfItsOwn) {
    request.options = {{"root", "dhcp"}};
    EXPECT_EQ(configure(), sdk::Outcome::done);
    EXPECT_THAT(backend.done, ElementsAre("eth0 up"));
    EXPECT_THAT(host.units, HasSubstr("name = \"dhcp@eth0:2\""));
    EXPECT_THAT(host.units, HasSubstr("interface = \"eth0\""));
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(NetOperations, TheTableOfTheFirmwareNeedsItsModule) {
    request.options = {{"ip", "ibft"}};
    (void)configure();
    EXPECT_THAT(host.modules, Contains("iscsi_ibft"));
}

// What the host would call it is asked only where no udevd has called it so.
TEST_F(NetOperations, WhereUdevdRunsTheNameIsTheHosts) {
    request.options = {{"ip", "enp9s9:dhcp"}};
    (void)configure();
    EXPECT_THAT(host.programs, Contains(Contains("test"))) << "udevadm test";
    host.programs.clear();
    request.devices = {
        {kPath, {{"subsystem", "net"}, {"uevent.INTERFACE", "eth0"}, {"initialized", "1"}}}};
    EXPECT_EQ(configure(), sdk::Outcome::done);
    EXPECT_THAT(host.programs, IsEmpty());
    EXPECT_THAT(backend.done, IsEmpty());
}

TEST_F(NetOperations, AnInterfaceIsRenamedAndComesAgain) {
    request.options = {{"ifname", "lan0:52:54:00:12:34:00"}, {"ip", "lan0:dhcp"}};
    EXPECT_EQ(configure(), sdk::Outcome::done);
    EXPECT_THAT(backend.done, ElementsAre("eth0 is called lan0"));
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(NetOperations, AStaticAddressWithoutACableIsTriedAgain) {
    request.options = {{"ip", "1.2.3.5::1.2.3.1:24:h:eth0:none:1400"}};
    backend.has_carrier = false;
    EXPECT_EQ(configure(), sdk::Outcome::retry);
    EXPECT_THAT(host.reason, HasSubstr("cable"));
    EXPECT_THAT(host.progress, ElementsAre("eth0 has no link: is the cable plugged in?"))
        << "said while it is waited for, not only at the end";
    EXPECT_THAT(backend.done,
                ElementsAre("eth0 mtu 1400", "eth0 up", "eth0 1.2.3.5/24", "eth0 route  1.2.3.1"));
    EXPECT_THAT(host.published, IsEmpty());
}

TEST_F(NetOperations, APortJoinsItsBondAndAsksForNothing) {
    request.options = {{"bond", "bond0:eth0:mode=active-backup"}, {"ip", "bond0:dhcp"}};
    EXPECT_EQ(configure(), sdk::Outcome::done);
    EXPECT_THAT(backend.done, ElementsAre("bond bond0", "eth0 in bond0", "eth0 up"));
    EXPECT_THAT(host.modules, Contains("bonding"));
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(NetOperations, VlansAreMadeOnTheirParent) {
    request.options = {{"vlan", "eth0.5:eth0"}, {"ip", "eth0.5:dhcp"}};
    EXPECT_EQ(configure(), sdk::Outcome::done);
    EXPECT_THAT(backend.done, ElementsAre("eth0 up", "vlan eth0.5 5 on eth0"));
}

TEST_F(NetOperations, ALeaseIsPublishedAndSaidToBeReady) {
    request.options = {{"root", "dhcp"}};
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.addresses = {"192.168.50.101/24"};
    got.lease.root_path = "nfs:192.168.50.1:/nfs/client";
    got.lease.next_server = "192.168.50.1";
    got.complaints = {"the host name was refused"};
    client.events = {got};
    EXPECT_EQ(serve(), sdk::Outcome::retry) << "a client that ends is started again";
    EXPECT_TRUE(client.asked.uses_dhcp4);
    EXPECT_EQ(host.ready_calls, 1U);
    const auto &facts = host.published.at(kPath);
    EXPECT_EQ(facts.at("net_online"), "1");
    EXPECT_EQ(facts.at("net_addresses"), "192.168.50.101/24");
    EXPECT_EQ(facts.at("net_mac"), "52:54:00:12:34:00");
    EXPECT_EQ(facts.at("dhcp_root_path"), "nfs:192.168.50.1:/nfs/client");
    EXPECT_THAT(backend.done, Contains("eth0 keeps 192.168.50.101/24"));
    EXPECT_THAT(host.log_text(), HasSubstr("the host name was refused"));
}

TEST_F(NetOperations, TheKernelFollowsAdvertisementsAgain) {
    request.options = {{"ip", "eth0:auto6"}, {"root", "nfs4:[fd00::1]:/nfs"}};
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.source = LeaseSource::router_advertisement;
    got.lease.addresses = {"fd00::2/64"};
    got.lease.routers = {"fe80::1"};
    client.events = {got};
    (void)serve();
    EXPECT_THAT(backend.done, Contains("eth0 follows advertisements"));
}

TEST_F(NetOperations, AnIpv4LeaseLeavesIpv6Alone) {
    request.options = {{"root", "dhcp"}};
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.addresses = {"192.168.50.101/24"};
    client.events = {got};
    (void)serve();
    EXPECT_THAT(backend.done, Not(Contains(HasSubstr("advertisements"))));
}

TEST_F(NetOperations, ARefusedRootPathIsSaidToWhoeverWaitsForOne) {
    request.options = {{"ip", "eth0:dhcp"}, {"root", "dhcp"}};
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.addresses = {"192.168.50.101/24"};
    got.lease.root_path_refusal = "control characters";
    client.events = {got};
    (void)serve();
    const auto &facts = host.published.at(kPath);
    EXPECT_EQ(facts.at("dhcp_root_path_refused"), "control characters");
    EXPECT_FALSE(facts.contains("dhcp_root_path"));
}

TEST_F(NetOperations, OnlyTheNamedInterfaceSaysWhatTheRootIs) {
    request.options = {{"bootdev", "eth1"}, {"ip", "eth0:dhcp\neth1:dhcp"}, {"root", "dhcp"}};
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.addresses = {"192.168.50.101/24"};
    got.lease.root_path = "nfs:192.168.50.1:/nfs/client";
    client.events = {got};
    (void)serve();
    const auto &facts = host.published.at(kPath);
    EXPECT_EQ(facts.at("net_online"), "1");
    EXPECT_FALSE(facts.contains("dhcp_root_path"));
}

TEST_F(NetOperations, AMissingCableIsSaidInPlaceOfAMissingAnswer) {
    request.options = {{"root", "dhcp"}};
    const auto cable = [](bool has_cable) {
        return DhcpEvent{.kind = DhcpEvent::Kind::cable, .has_cable = has_cable};
    };
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.addresses = {"192.168.50.101/24"};
    client.events = {cable(false), cable(true), got, cable(false)};
    (void)serve();
    EXPECT_THAT(host.progress,
                ElementsAre("no answer yet on eth0", "eth0 has no link: is the cable plugged in?",
                            "no answer yet on eth0"))
        << "with a lease nobody waits for this interface";
}

TEST_F(NetOperations, ALeaseWithoutAnAddressIsNotEnough) {
    request.options = {{"ip", "auto6"}};
    DhcpEvent got;
    got.kind = DhcpEvent::Kind::got;
    got.lease.source = LeaseSource::router_advertisement;
    got.lease.routers = {"fe80::1"};
    client.events = {got};
    EXPECT_EQ(serve(), sdk::Outcome::retry);
    EXPECT_EQ(host.ready_calls, 0U);
    EXPECT_THAT(host.published, IsEmpty());
}

} // namespace
} // namespace slipway::net
