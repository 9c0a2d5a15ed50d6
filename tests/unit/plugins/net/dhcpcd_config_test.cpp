// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/dhcpcd_config.h"

#include <gmock/gmock.h>

namespace slipway::net {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string config_of(const DhcpRequest &request) {
    return write_dhcpcd_config(request, {}).value();
}

TEST(DhcpcdConfig, KeepsAddressesAndWaitsForNothing) {
    const std::string text = config_of({.interface = "eth0"});
    for (const char *line : {"\nnodelay\n", "\nnoarp\n", "\npersistent\n", "\nnolink\n",
                             "\nreboot 0\n", "\nipv4only\n", "\nclientid\n", "\nvendorclassid\n",
                             "\nenv slipway_socket=/run/slipway/net/eth0.sock\n"})
        EXPECT_THAT(text, HasSubstr(line));
    EXPECT_THAT(text, Not(HasSubstr("hostname ")));
}

TEST(DhcpcdConfig, AsksWithTheProtocolsThatAreWanted) {
    const std::string all =
        config_of({.interface = "eth0", .uses_advertisements = true, .uses_dhcp6 = true});
    EXPECT_THAT(all, Not(HasSubstr("only\n")));
    EXPECT_THAT(all, HasSubstr("\nia_na\n"));
    const std::string routers =
        config_of({.interface = "eth0", .uses_dhcp4 = false, .uses_advertisements = true});
    EXPECT_THAT(routers, HasSubstr("\nipv6only\n"));
    EXPECT_THAT(routers, Not(HasSubstr("ia_na")));
    const std::string dhcp6 =
        config_of({.interface = "eth0", .uses_dhcp4 = false, .uses_dhcp6 = true});
    EXPECT_THAT(dhcp6, HasSubstr("\nipv6ra_noautoconf\n"));
}

TEST(DhcpcdConfig, SendsNames) {
    const std::string text =
        config_of({.interface = "eth0", .host_name = "client.example", .vendor_class = "a class"});
    EXPECT_THAT(text, HasSubstr("\nhostname client.example\n"));
    EXPECT_THAT(text, HasSubstr("\nvendorclassid \"a class\"\n"));
}

TEST(DhcpcdConfig, RefusesWhatCouldForgeALine) {
    for (const char *name :
         {"", "a/b", "a b", "a\nb", ".", "..", "-x", "eth0:1", "sixteen-bytes-xx"})
        EXPECT_FALSE(write_dhcpcd_config({.interface = name}, {}).has_value()) << name;
    EXPECT_FALSE(
        write_dhcpcd_config({.interface = "eth0", .host_name = "a\nscript /x"}, {}).has_value());
    for (const char *text : {"a\"b", "a\nb", "a\\", "a#b"})
        EXPECT_FALSE(
            write_dhcpcd_config({.interface = "eth0", .vendor_class = text}, {}).has_value());
    EXPECT_FALSE(write_dhcpcd_config({.interface = "eth0", .uses_dhcp4 = false}, {}).has_value());
}

TEST(DhcpcdArguments, StayInTheForeground) {
    EXPECT_THAT(dhcpcd_arguments({.interface = "eth0"}, {}),
                ElementsAre("/usr/sbin/dhcpcd", "-B", "-q", "-f", "/run/slipway/net/eth0.conf",
                            "-c", "/usr/lib/slipway/dhcp-hook", "eth0"));
}

TEST(PauseBeforeTry, LeavesTimeForAnAnswerAndDoesNotMarchInStep) {
    using std::chrono::milliseconds;
    EXPECT_EQ(pause_before_try(0, 0), milliseconds(8000));
    EXPECT_EQ(pause_before_try(0, 3999), milliseconds(11999));
    EXPECT_EQ(pause_before_try(1000, 0), milliseconds(16000));
    for (unsigned random = 0; random < 100000; random += 37) {
        EXPECT_GE(pause_before_try(2, random), milliseconds(8000));
        EXPECT_LE(pause_before_try(9, random), milliseconds(24000));
    }
}

} // namespace

} // namespace slipway::net
