// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/ip_word.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

IpWord parsed(const std::string &text) {
    auto word = parse_ip_word(text);
    EXPECT_TRUE(word) << text << ": " << (word ? "" : word.error().message());
    return word.value_or(IpWord{});
}

std::string complaint(const std::string &text) {
    const auto word = parse_ip_word(text);
    return word ? "accepted" : word.error().message();
}

TEST(IpWord, AMethodAloneMeansAllInterfaces) {
    for (const char *text : {"dhcp", "on", "any", "single-dhcp", "\"dhcp\""}) {
        const IpWord word = parsed(text);
        EXPECT_EQ(word.interface, "");
        EXPECT_EQ(word.methods, (IpMethods{.dhcp4 = true})) << text;
        EXPECT_FALSE(word.is_off);
    }
    EXPECT_TRUE(parsed("off").is_off);
    EXPECT_TRUE(parsed("none").is_off);
    EXPECT_EQ(parsed("auto6").methods, (IpMethods{.advertisements = true}));
    EXPECT_EQ(parsed("dhcp6").methods, (IpMethods{.dhcp6 = true, .advertisements = true}));
    EXPECT_EQ(parsed("either6").methods, (IpMethods{.dhcp6 = true, .advertisements = true}));
    EXPECT_EQ(parsed("link6").methods, (IpMethods{.link_local = true}));
    EXPECT_EQ(parsed("ibft").methods, (IpMethods{.firmware = true}));
}

TEST(IpWord, MethodsOfThePastAreSaidToBeDhcp) {
    EXPECT_EQ(parsed("bootp").methods, (IpMethods{.dhcp4 = true}));
    EXPECT_THAT(parsed("rarp").notice, HasSubstr("DHCP is used"));
    EXPECT_THAT(parsed("dhcp").notice, IsEmpty());
}

TEST(IpWord, OneInterface) {
    const IpWord word = parsed("enp1s0:dhcp:9000");
    EXPECT_EQ(word.interface, "enp1s0");
    EXPECT_TRUE(word.methods.dhcp4);
    EXPECT_EQ(word.mtu, 9000U);
    EXPECT_EQ(parsed("eth0:none").is_off, true);
}

TEST(IpWord, AHardwareAddressSpreadsOverSixParts) {
    const IpWord word = parsed("bridge0:dhcp::52:54:00:12:34:0A");
    EXPECT_EQ(word.interface, "bridge0");
    EXPECT_EQ(word.mtu, 0U);
    EXPECT_EQ(word.mac, "52:54:00:12:34:0a");
}

TEST(IpWord, AStaticAddress) {
    const IpWord word = parsed("192.168.50.101::192.168.50.1:255.255.255.0:iscsi-1:lan0:off");
    EXPECT_EQ(word.address, "192.168.50.101/24");
    EXPECT_EQ(word.gateway, "192.168.50.1");
    EXPECT_EQ(word.host_name, "iscsi-1");
    EXPECT_EQ(word.interface, "lan0");
    EXPECT_FALSE(word.methods.any());
    EXPECT_FALSE(word.is_off) << "off says only that nobody is asked";
    EXPECT_EQ(parsed("192.168.51.101:::255.255.255.0::lan1:off").address, "192.168.51.101/24");
    EXPECT_EQ(parsed("192.168.54.101::192.168.54.1:24:test:vlan0001:none").address,
              "192.168.54.101/24");
    EXPECT_EQ(parsed("10.0.0.1:10.0.0.2::32::eth0:none").peer, "10.0.0.2");
    EXPECT_EQ(parsed("10.0.0.1/8:::::eth0:none").address, "10.0.0.1/8");
}

TEST(IpWord, AnIpv6AddressStandsInBrackets) {
    const IpWord word = parsed("[fd00::5]::[fd00::1]:64:host:eth0:none:[fd00::53]");
    EXPECT_EQ(word.address, "fd00::5/64");
    EXPECT_EQ(word.gateway, "fd00::1");
    EXPECT_THAT(word.dns, ElementsAre("fd00::53"));
    EXPECT_EQ(parsed("[fd00::5]:::::eth0:none").address, "fd00::5/64");
}

TEST(IpWord, TheTailIsNameServersOrMtuAndHardwareAddress) {
    EXPECT_THAT(parsed("10.0.0.2::10.0.0.1:8:h:eth0:none:10.0.0.3:10.0.0.4:10.0.0.5").dns,
                ElementsAre("10.0.0.3", "10.0.0.4"));
    const IpWord word = parsed("10.0.0.2::10.0.0.1:8:h:eth0:none:1400:02:00:00:00:00:01");
    EXPECT_EQ(word.mtu, 1400U);
    EXPECT_EQ(word.mac, "02:00:00:00:00:01");
}

TEST(IpWord, TheKernelsFormWithDhcp) {
    const IpWord word = parsed("::::client1:eth0:dhcp");
    EXPECT_EQ(word.host_name, "client1");
    EXPECT_EQ(word.interface, "eth0");
    EXPECT_TRUE(word.methods.dhcp4);
    EXPECT_EQ(word.address, "");
}

TEST(IpWord, WhatIsWrongIsNamedWithTheAcceptedForms) {
    EXPECT_THAT(complaint("dhpc"), HasSubstr("\"dhpc\" is no method"));
    EXPECT_THAT(complaint(""), HasSubstr("it is empty"));
    EXPECT_THAT(complaint("10.0.0.300::::h:eth0:none"), HasSubstr("no address"));
    EXPECT_THAT(complaint("10.0.0.3:::255.0.255.0:h:eth0:none"), HasSubstr("no netmask"));
    EXPECT_THAT(complaint("10.0.0.3:::33:h:eth0:none"), HasSubstr("no netmask"));
    EXPECT_THAT(complaint("-x:dhcp"), HasSubstr("no name of an interface"));
    EXPECT_THAT(complaint("eth0:dhcp:67"), HasSubstr("no MTU"));
    EXPECT_THAT(complaint("eth0:dhcp:1500:52:54"), HasSubstr("no hardware address"));
    EXPECT_THAT(complaint("a/b:dhcp"), HasSubstr("\"a\" is no address"));
    EXPECT_THAT(complaint("10.0.0.3:x::8:h:eth0:none"), HasSubstr("of a peer"));
    EXPECT_THAT(complaint("10.0.0.3::x:8:h:eth0:none"), HasSubstr("of a gateway"));
    EXPECT_THAT(complaint("10.0.0.3:::8:$(reboot):eth0:none"), HasSubstr("no host name"));
    EXPECT_THAT(complaint("eth0:dhcp:67"), HasSubstr("ip=<interface>:<method>"));
    EXPECT_THAT(complaint("eth0:dchp"), HasSubstr("\"dchp\" is no method"));
    EXPECT_THAT(complaint("[fd00::5"), HasSubstr("a bracket is missing"));
    EXPECT_THAT(complaint("10.0.0.2::[fd00::1]:24::eth0:none"), HasSubstr("IPv4"));
    EXPECT_THAT(complaint("[fd00::2]:10.0.0.1::64::eth0:none"), HasSubstr("IPv4"));
    EXPECT_THAT(complaint("eth0:dhcp::01:00:5e:00:00:01"), HasSubstr("no hardware address"));
    EXPECT_THAT(complaint("eth0:dhcp::00:00:00:00:00:00"), HasSubstr("no hardware address"));
    EXPECT_THAT(complaint(std::string(600, 'a')), HasSubstr("longer than 512 bytes"));
}

TEST(HardwareAddress, EverySpellingBecomesOne) {
    EXPECT_EQ(canonical_mac("52:54:00:AB:cd:ef"), "52:54:00:ab:cd:ef");
    EXPECT_EQ(canonical_mac("01-52-54-00-12-34-00"), "52:54:00:12:34:00");
    EXPECT_EQ(canonical_mac("52-54-00-12-34-00"), "52:54:00:12:34:00");
    for (const char *bad : {"", "52:54:00:12:34", "52:54:00:12:34:0g", "52.54.00.12.34.00",
                            "01:02:03:04:05:06:07:08", "02-52-54-00-12-34-00"})
        EXPECT_FALSE(canonical_mac(bad)) << bad;
}

TEST(PrefixLength, ANumberOrAMask) {
    EXPECT_EQ(prefix_length("24", false), 24U);
    EXPECT_EQ(prefix_length("255.255.254.0", false), 23U);
    EXPECT_EQ(prefix_length("0.0.0.0", false), 0U);
    EXPECT_EQ(prefix_length("255.255.255.255", false), 32U);
    EXPECT_EQ(prefix_length("64", true), 64U);
    EXPECT_FALSE(prefix_length("129", true));
    EXPECT_FALSE(prefix_length("255.0.0.1", false));
    EXPECT_FALSE(prefix_length("", false));
}

} // namespace
} // namespace slipway::net
