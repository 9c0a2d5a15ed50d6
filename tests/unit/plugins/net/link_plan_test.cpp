// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The command lines are those of dracut's tests 61 and 62, and what people write besides.
#include "net/link_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"

namespace slipway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As PID 1 hands it over: of lists one value per line.
NetConfig config_of(const std::string &line) {
    std::map<std::string, std::string> options;
    for (const std::string &word : split_words(line)) {
        const std::size_t equals = std::min(word.find('='), word.size());
        const std::string value = word.substr(std::min(word.size(), equals + 1));
        const auto [at, is_new] = options.emplace(word.substr(0, equals), value);
        if (!is_new)
            at->second += "\n" + value;
    }
    return read_net_config({options.begin(), options.end()});
}

// "enp0s1" has the address 52:54:00:12:34:00, "enp0s2" …:01, and so on.
LinkIdentity card(const std::string &name) {
    const char last = name.back();
    return {.name = name,
            .mac = std::string("52:54:00:12:34:0") + static_cast<char>(last - 1),
            .kind = "",
            .is_ethernet = true,
            .is_first = last == '1'};
}

LinkIdentity made(const std::string &name, const std::string &kind) {
    return {.name = name, .mac = "02:00:00:00:00:01", .kind = kind, .is_ethernet = true};
}

LinkPlan plan(const NetConfig &config, const LinkIdentity &link) {
    EXPECT_THAT(config.warnings, IsEmpty());
    return plan_link(config, link, {});
}

bool asks_dhcp(const NetConfig &config, const LinkIdentity &link) {
    const LinkPlan found = plan(config, link);
    return found.ip && found.ip->methods.dhcp4;
}

// Which of three cards ask for an address: "enp0s1 enp0s2".
std::string asking(const std::string &line) {
    const NetConfig config = config_of(line);
    std::vector<std::string> names;
    for (const char *name : {"enp0s1", "enp0s2", "enp0s3"}) {
        if (asks_dhcp(config, card(name)))
            names.emplace_back(name);
    }
    return join(names, " ");
}

TEST(LinkPlan, ANetworkRootWithoutAnyWordMeansDhcpOnAll) {
    EXPECT_EQ(asking("root=nfs:192.168.50.1:/nfs/client"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=dhcp"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=/dev/root netroot=dhcp"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=/dev/nfs nfsroot=192.168.50.1:/nfs/client"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=LABEL=a netroot=iscsi:1.2.3.4::::iqn.x:t"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=192.168.50.1:/nfs/client"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=LABEL=dracut rd.neednet=1"), "enp0s1 enp0s2 enp0s3");
}

TEST(LinkPlan, ALocalRootNeedsNoNetwork) {
    EXPECT_EQ(asking("root=UUID=1234"), "");
    EXPECT_EQ(asking("root=UUID=1234 ip=off"), "");
    EXPECT_EQ(asking("root=LABEL=a:/b rd.neednet=0"), "");
    EXPECT_EQ(asking("root=https://server/x"), "");
}

TEST(LinkPlan, OffMeansOff) {
    EXPECT_EQ(asking("root=nfs:1.2.3.4:/x ip=off"), "");
    EXPECT_EQ(asking("root=nfs:1.2.3.4:/x ip=dhcp ip=enp0s2:off"), "enp0s1 enp0s3");
}

TEST(LinkPlan, TheCardThatTheMachineWasBootedFrom) {
    const std::string root = "root=nfs:192.168.50.1:/nfs/client ";
    EXPECT_EQ(asking(root + "BOOTIF=52-54-00-12-34-00"), "enp0s1");
    EXPECT_EQ(asking(root + "BOOTIF=01-52-54-00-12-34-00 ip=enp0s2:dhcp"), "enp0s1 enp0s2");
    EXPECT_EQ(asking("root=dhcp BOOTIF=52-54-00-12-34-02"), "enp0s3");
    EXPECT_EQ(asking(root + "BOOTIF=52-54-00-12-34-00 rd.bootif=0"), "enp0s1 enp0s2 enp0s3");
}

TEST(LinkPlan, TheInterfaceThatTheRootComesOver) {
    const std::string root = "root=nfs:192.168.50.1:/nfs/client ";
    EXPECT_EQ(asking(root + "ip=dhcp"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking(root + "ip=enp0s2:dhcp ip=enp0s3:dhcp bootdev=enp0s2"), "enp0s2 enp0s3");
    EXPECT_EQ(asking("root=dhcp ip=enp0s1:dhcp ip=enp0s2:dhcp ip=enp0s3:dhcp bootdev=enp0s3"),
              "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking(root + "bootdev=enp0s2"), "enp0s2");
}

TEST(LinkPlan, ABondTakesItsPortsAndTheAddress) {
    const NetConfig config = config_of("root=nfs:192.168.50.1:/nfs/client ip=bond0:dhcp "
                                       "bond=bond0:enp0s1,enp0s2,enp0s3:mode=balance-rr");
    const LinkPlan port = plan(config, card("enp0s2"));
    ASSERT_TRUE(port.master);
    EXPECT_EQ(port.master->name, "bond0");
    EXPECT_EQ(port.master->kind, "bond");
    EXPECT_THAT(port.master->options, ElementsAre(std::pair("mode", "balance-rr")));
    EXPECT_FALSE(port.ip);
    EXPECT_TRUE(asks_dhcp(config, made("bond0", "bond")));
}

TEST(LinkPlan, ABondWithItsDefaultsAndOptions) {
    EXPECT_EQ(
        config_of("bond").masters,
        (std::vector<Master>{{"bond", "bond0", {"eth0", "eth1"}, {{"mode", "balance-rr"}}, 0}}));
    EXPECT_EQ(
        config_of("bond=bond0:net3,net4:miimon=100,arp_ip_target=1.2.3.4;1.2.3.5:9000").masters,
        (std::vector<Master>{{"bond",
                              "bond0",
                              {"net3", "net4"},
                              {{"miimon", "100"}, {"arp_ip_target", "1.2.3.4,1.2.3.5"}},
                              9000}}));
    const NetConfig config = config_of("bond=bond0:net3,net4:miimon=100 ip=bond0:dhcp "
                                       "rd.neednet=1 root=nfs:192.168.51.1:/nfs/client "
                                       "bootdev=bond0");
    EXPECT_TRUE(asks_dhcp(config, made("bond0", "bond")));
    EXPECT_FALSE(asks_dhcp(config, card("net1"))) << "bootdev= names the bond";
}

TEST(LinkPlan, ABridge) {
    const NetConfig config =
        config_of("root=nfs:192.168.50.1:/nfs/client ip=bridge0:dhcp::52:54:00:12:34:00 "
                  "bridge=bridge0:enp0s1,enp0s5,enp0s6");
    EXPECT_EQ(plan(config, card("enp0s5")).master->kind, "bridge");
    const LinkPlan bridge = plan(config, made("bridge0", "bridge"));
    ASSERT_TRUE(bridge.ip);
    EXPECT_EQ(bridge.ip->mac, "52:54:00:12:34:00");
    // The bare word, with a root that implies DHCP.
    const NetConfig bare = config_of("root=nfs:192.168.50.1:/nfs/client bridge net.ifnames=0");
    EXPECT_EQ(plan(bare, card("eth0")).master->name, "br0");
    EXPECT_TRUE(asks_dhcp(bare, made("br0", "bridge")));
}

TEST(LinkPlan, FourStylesOfVlans) {
    const NetConfig config = config_of(
        "vlan=vlan0001:net2 vlan=vlan2:net2 vlan=net2.3:net2 vlan=net2.0004:net2 ip=net1:dhcp "
        "ip=192.168.54.101::192.168.54.1:24:test:vlan0001:none "
        "ip=192.168.57.104::192.168.57.1:24:test:net2.0004:none rd.neednet=1 "
        "root=nfs:192.168.50.1:/nfs/client bootdev=net1");
    const LinkPlan parent = plan(config, card("net2"));
    EXPECT_THAT(parent.vlans, ElementsAre(Vlan{"vlan0001", "net2", 1}, Vlan{"vlan2", "net2", 2},
                                          Vlan{"net2.3", "net2", 3}, Vlan{"net2.0004", "net2", 4}));
    EXPECT_FALSE(parent.ip);
    EXPECT_TRUE(asks_dhcp(config, card("net1")));
    const LinkPlan vlan = plan(config, made("net2.0004", "vlan"));
    ASSERT_TRUE(vlan.ip);
    EXPECT_EQ(vlan.ip->addresses.front().address, "192.168.57.104/24");
    EXPECT_THAT(plan(config, made("vlan2", "vlan")).reason, HasSubstr("bootdev="));
}

// 62-1 with all of its addresses: each VLAN has its own, although bootdev= names a card.
TEST(LinkPlan, EveryVlanHasItsAddress) {
    const NetConfig config = config_of(
        "vlan=vlan0001:net2 vlan=vlan2:net2 vlan=net2.3:net2 vlan=net2.0004:net2 ip=net1:dhcp "
        "ip=192.168.54.101::192.168.54.1:24:test:vlan0001:none "
        "ip=192.168.55.102::192.168.55.1:24:test:vlan2:none "
        "ip=192.168.56.103::192.168.56.1:24:test:net2.3:none "
        "ip=192.168.57.104::192.168.57.1:24:test:net2.0004:none rd.neednet=1 "
        "root=nfs:192.168.50.1:/nfs/client bootdev=net1");
    const std::map<std::string, std::string> expected = {{"vlan0001", "192.168.54.101/24"},
                                                         {"vlan2", "192.168.55.102/24"},
                                                         {"net2.3", "192.168.56.103/24"},
                                                         {"net2.0004", "192.168.57.104/24"}};
    for (const auto &[name, address] : expected) {
        const LinkPlan vlan = plan(config, made(name, "vlan"));
        ASSERT_TRUE(vlan.ip) << name;
        EXPECT_EQ(vlan.ip->addresses.front().address, address);
        EXPECT_FALSE(vlan.ip->methods.any()) << name;
    }
}

// 62-3.
TEST(LinkPlan, ABridgeThatTheRootComesOver) {
    const NetConfig config = config_of("bridge=br0:net1,net5 ip=br0:dhcp rd.neednet=1 "
                                       "root=nfs:192.168.50.1:/nfs/client bootdev=br0");
    for (const char *port : {"net1", "net5"}) {
        const LinkPlan found = plan(config, card(port));
        ASSERT_TRUE(found.master) << port;
        EXPECT_EQ(found.master->name, "br0");
        EXPECT_FALSE(found.ip) << port;
    }
    EXPECT_TRUE(asks_dhcp(config, made("br0", "bridge")));
    EXPECT_TRUE(plan(config, card("net2")).is_nothing());
}

TEST(LinkPlan, ACardWithoutACableIsMeantOnlyByName) {
    LinkIdentity wireless = card("wlan1");
    wireless.is_wireless = true;
    EXPECT_THAT(plan(config_of("root=dhcp"), wireless).reason, HasSubstr("no network card"));
    EXPECT_TRUE(plan(config_of("root=dhcp ip=dhcp"), wireless).is_nothing());
    EXPECT_TRUE(asks_dhcp(config_of("root=dhcp ip=wlan1:dhcp"), wireless));
}

TEST(LinkPlan, AnAddressWithoutAnInterfaceIsForTheFirstCard) {
    const NetConfig config = config_of("root=nfs:1.2.3.4:/x ip=1.2.3.5::1.2.3.1:24::");
    EXPECT_TRUE(plan(config, card("enp0s1")).ip);
    EXPECT_FALSE(plan(config, card("enp0s2")).ip);
    const NetConfig named =
        config_of("root=nfs:1.2.3.4:/x ip=1.2.3.5::1.2.3.1:24:: bootdev=enp0s2");
    EXPECT_TRUE(plan(named, card("enp0s2")).ip);
    EXPECT_FALSE(plan(named, card("enp0s1")).ip);
}

TEST(LinkPlan, SeveralWordsForOneInterfaceAddUp) {
    const LinkPlan found =
        plan(config_of("ip=enp0s1:dhcp ip=enp0s1:auto6 ip=1.2.3.5:::24::enp0s1:none "
                       "nameserver=9.9.9.9 rd.route=10.0.0.0/8:1.2.3.1"),
             card("enp0s1"));
    ASSERT_TRUE(found.ip);
    EXPECT_TRUE(found.ip->methods.dhcp4);
    EXPECT_TRUE(found.ip->methods.advertisements);
    EXPECT_EQ(found.ip->addresses.size(), 1U);
    EXPECT_THAT(found.ip->dns, ElementsAre("9.9.9.9"));
    EXPECT_EQ(found.ip->routes.front().destination, "10.0.0.0/8");
}

TEST(LinkPlan, AnInterfaceIsRenamedFirst) {
    const NetConfig config = config_of("root=dhcp ifname=lan0:52:54:00:12:34:00 ip=lan0:dhcp");
    EXPECT_EQ(plan(config, card("enp0s1")).new_name, "lan0");
    EXPECT_EQ(plan(config, card("enp0s2")).new_name, "");
    LinkIdentity renamed = card("enp0s1");
    renamed.name = "lan0";
    EXPECT_TRUE(asks_dhcp(config, renamed));
    EXPECT_EQ(plan_link(config_of("ip=enp0s1:dhcp"), card("eth1"), {}, "enp0s1").new_name,
              "enp0s1");
}

TEST(LinkPlan, TheHostIsAskedForNamesOnlyWhenOneIsMissing) {
    EXPECT_FALSE(may_have_host_name(config_of("root=dhcp"), card("eth1")));
    EXPECT_FALSE(may_have_host_name(config_of("ip=eth1:dhcp"), card("eth1")));
    EXPECT_TRUE(may_have_host_name(config_of("ip=enp0s1:dhcp"), card("eth1")));
    EXPECT_TRUE(may_have_host_name(config_of("bond=bond0:enp0s1:"), card("eth1")));
    EXPECT_FALSE(
        may_have_host_name(config_of("ip=lan0:dhcp ifname=lan0:52:54:00:12:34:09"), card("eth1")));
    EXPECT_FALSE(may_have_host_name(config_of("ip=enp0s1:dhcp"), made("bond0", "bond")));
}

TEST(LinkPlan, TheFirmwareSaysHow) {
    FirmwareNetwork firmware;
    firmware.interfaces = {{.mac = "52:54:00:12:34:00",
                            .is_dhcp = false,
                            .address = "192.168.50.101",
                            .prefix = 24,
                            .gateway = "192.168.50.1",
                            .dns = {},
                            .vlan = 0,
                            .is_boot = true}};
    const NetConfig config = config_of("root=LABEL=a rd.iscsi.ibft=1 rd.iscsi.firmware=1");
    const LinkPlan found = plan_link(config, card("enp0s1"), firmware);
    ASSERT_TRUE(found.ip);
    EXPECT_EQ(found.ip->addresses.front().address, "192.168.50.101/24");
    EXPECT_EQ(found.ip->routes.front().gateway, "192.168.50.1");
}

TEST(LinkPlan, TheLoopbackAndOtherThanCardsAreLeftAlone) {
    const NetConfig config = config_of("root=dhcp");
    EXPECT_TRUE(plan(config, {.name = "lo", .mac = "", .kind = ""}).is_nothing());
    EXPECT_TRUE(plan(config, {.name = "wwan0", .mac = "", .kind = ""}).is_nothing());
    EXPECT_TRUE(plan(config, made("docker0", "bridge")).is_nothing());
}

// Debian's open-iscsi: the first is attached, the second is on it.
TEST(NetConfig, AnEarlierRootOfIscsiNeedsTheNetwork) {
    EXPECT_EQ(asking("root=iscsi:1.2.3.4::::iqn.x:t root=UUID=1234"), "enp0s1 enp0s2 enp0s3");
    EXPECT_EQ(asking("root=nfs:1.2.3.4:/x root=UUID=1234"), "") << "the last one wins";
}

TEST(NetConfig, ANetworkThatNoRootNeedsIsNotKeptForOne) {
    EXPECT_FALSE(read_net_config({{"root", "UUID=1"}, {"rd.neednet", "1"}}).carries_root);
    EXPECT_TRUE(read_net_config({{"root", "UUID=1"}, {"rd.neednet", "1"}}).is_needed);
    EXPECT_FALSE(read_net_config({{"root", "UUID=1"}, {"ip", "dhcp"}}).carries_root);
    EXPECT_FALSE(read_net_config({{"root", "UUID=1"}, {"boot", "local"}}).carries_root);
    for (const auto &[key, value] :
         OptionList{{"root", "dhcp"},
                    {"netroot", "iscsi:10.0.0.1::::iqn.2009-06.example:one"},
                    {"nfsroot", "nas:/srv"},
                    {"boot", "nfs"},
                    {"rd.iscsi.firmware", ""},
                    {"iscsi_target_ip", "10.0.0.1"}})
        EXPECT_TRUE(read_net_config({{key, value}}).carries_root) << key;
}

TEST(NetConfig, ANameServerMayStandInBrackets) {
    const NetConfig config = config_of("nameserver=[fd00::53] nameserver=fd00::54");
    EXPECT_THAT(config.warnings, IsEmpty());
    EXPECT_THAT(config.dns, ElementsAre("fd00::53", "fd00::54"));
    EXPECT_EQ(config_of("nameserver=[10.0.0.1]").warnings.size(), 1U);
}

TEST(NetConfig, WhatIsNoSwitchIsTakenAsOneAndSaid) {
    const NetConfig config = config_of("rd.peerdns=maybe");
    EXPECT_TRUE(config.uses_leased_dns);
    ASSERT_EQ(config.warnings.size(), 1U);
    EXPECT_THAT(config.warnings.front(), HasSubstr("rd.peerdns=maybe"));
    EXPECT_THAT(config_of("rd.neednet rd.bootif=no rd.peerdns=1").warnings, IsEmpty());
}

TEST(NetConfig, BadWordsAreNamed) {
    for (const char *line : {"ifname=eth0:52:54:00:12:34:00",
                             "ifname=lan0:52",
                             "vlan=vlan:eth0",
                             "vlan=vlan4095:eth0",
                             "vlan=vlan5",
                             "bond=bond0::x",
                             "bridge=br0:../x",
                             "rd.route=10.0.0.0:x",
                             "nameserver=dns.example",
                             "BOOTIF=1",
                             "ip=wrong",
                             "bootdev=../x",
                             "domain=$(x)",
                             "rd.net.timeout.carrier=-1",
                             "rd.net.timeout.carrier=long",
                             "bond=bond0:a:mode=1:12",
                             "bond=bond0:a:mode=1:many",
                             "bond=bond0:a:mode=1:9000:x",
                             "bridge=br0:a:x",
                             "rd.bootif=maybe",
                             "rd.neednet=maybe"}) {
        const NetConfig config = config_of(line);
        ASSERT_EQ(config.warnings.size(), 1U) << line;
        EXPECT_THAT(config.warnings.front(), HasSubstr("accepted")) << line;
    }
}

} // namespace
} // namespace slipway::net
