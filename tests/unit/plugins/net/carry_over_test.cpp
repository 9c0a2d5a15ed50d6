// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/carry_over.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace slipway::net {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

InterfaceState leased() {
    Lease lease;
    lease.addresses = {"192.168.50.101/24"};
    lease.routers = {"192.168.50.1"};
    lease.routes = {{"10.0.0.0/8", "192.168.50.7"}};
    lease.dns = {"192.168.50.1"};
    lease.domain = "example.org";
    lease.search = {"a.example"};
    lease.next_server = "192.168.50.9";
    lease.root_path = "/srv";
    lease.server = "192.168.50.1";
    lease.broadcast = "192.168.50.255";
    lease.lifetime = std::chrono::seconds(120);
    lease.acquired = std::chrono::seconds(7);
    const std::vector leases = {lease};
    return with_leases({.name = "eth0", .index = 2, .mac = "52:54:00:12:34:56", .uses_dhcp4 = true},
                       leases);
}

InterfaceState fixed() {
    return {.name = "bond0",
            .mac = "52:54:00:12:34:56",
            .is_virtual = true,
            .addresses = {"10.0.0.5/8", "fd00::5/64"},
            .gateways = {"10.0.0.1"},
            .routes = {{"172.16.0.0/12", "10.0.0.2"}, {"fd01::/64", ""}},
            .dns = {"10.0.0.1"},
            .search = {"example.org"},
            .mtu = 9000};
}

TEST(IpconfigText, HasTheNamesOfKlibc) {
    EXPECT_EQ(ipconfig_text(leased()), "DEVICE='eth0'\n"
                                       "PROTO='dhcp'\n"
                                       "IPV4ADDR='192.168.50.101'\n"
                                       "IPV4BROADCAST='192.168.50.255'\n"
                                       "IPV4NETMASK='255.255.255.0'\n"
                                       "IPV4GATEWAY='192.168.50.1'\n"
                                       "IPV4DNS0='192.168.50.1'\n"
                                       "IPV4DNS1='0.0.0.0'\n"
                                       "HOSTNAME=''\n"
                                       "DNSDOMAIN='example.org'\n"
                                       "NISDOMAIN=''\n"
                                       "ROOTSERVER='192.168.50.9'\n"
                                       "ROOTPATH='/srv'\n"
                                       "filename=''\n"
                                       "UPTIME='7'\n"
                                       "DHCPLEASETIME='120'\n"
                                       "DOMAINSEARCH='example.org a.example'\n");
    EXPECT_EQ(ipconfig6_text(leased()), "");
    EXPECT_THAT(ipconfig6_text(fixed()), HasSubstr("IPV6ADDR='fd00::5'\nIPV6NETMASK='64'\n"));
}

TEST(IpconfigText, IsSafeToSource) {
    InterfaceState state = leased();
    state.root_path = "$(touch /tmp/x)`id`'; reboot; '\"\\";
    state.boot_file = "a\nreboot";
    state.name = "a'b";
    const std::string text = ipconfig_text(state);
    EXPECT_THAT(text, HasSubstr("ROOTPATH='$(touch /tmp/x)`id`'\\''; reboot; '\\''\"\\'\n"));
    EXPECT_THAT(text, HasSubstr("filename=''\n"));
    EXPECT_THAT(text, HasSubstr("DEVICE='a'\\''b'\n"));
}

TEST(NetworkdText, KeepsALease) {
    const std::string text = networkd_text(leased());
    EXPECT_THAT(text, HasSubstr("[Match]\nMACAddress=52:54:00:12:34:56\nKind=!*\n"));
    EXPECT_THAT(text, HasSubstr("KeepConfiguration=yes\nDHCP=ipv4\nIPv6AcceptRA=no\n"));
    EXPECT_THAT(text, HasSubstr("ClientIdentifier=mac\nSendRelease=no\n"));
    EXPECT_THAT(text, Not(HasSubstr("Address=192")));
    EXPECT_THAT(text, Not(HasSubstr("[Route]")));
    EXPECT_EQ(networkd_file_name(leased()), "10-slipway-52-54-00-12-34-56.network");
}

TEST(NetworkdText, DescribesAFixedConfiguration) {
    EXPECT_EQ(networkd_text(fixed()),
              "# Written by slipway: how the initrd has configured this interface.\n"
              "[Match]\n"
              "Name=bond0\n"
              "\n[Link]\n"
              "MTUBytes=9000\n"
              "\n[Network]\n"
              "KeepConfiguration=yes\n"
              "DHCP=no\n"
              "IPv6AcceptRA=no\n"
              "Address=10.0.0.5/8\n"
              "Address=fd00::5/64\n"
              "DNS=10.0.0.1\n"
              "Domains=example.org\n"
              "\n[Route]\n"
              "Gateway=10.0.0.1\n"
              "GatewayOnLink=yes\n"
              "\n[Route]\n"
              "Destination=172.16.0.0/12\n"
              "Gateway=10.0.0.2\n"
              "\n[Route]\n"
              "Destination=fd01::/64\n"
              "Scope=link\n");
    EXPECT_EQ(networkd_file_name(fixed()), "10-slipway-bond0.network");
}

TEST(NetworkdText, AsksWithTheSameIdentity) {
    InterfaceState state{.name = "eth0", .mac = "52:54:00:12:34:56", .uses_dhcp6 = true};
    state.client_duid = "00030001525400123456";
    state.iaid = "00123456";
    const std::string text = networkd_text(state);
    EXPECT_THAT(text, HasSubstr("DUIDType=link-layer\nDUIDRawData=00:01:52:54:00:12:34:56\n"));
    EXPECT_THAT(text, HasSubstr("IAID=1193046\n"));
    state.client_duid = "00090001";
    EXPECT_THAT(networkd_text(state), Not(HasSubstr("DUID")));
}

TEST(NetworkdText, CannotBeForged) {
    InterfaceState state = fixed();
    state.name = "a\n[Match]*";
    state.search = {"x\nDNS=6.6.6.6"};
    state.mac = "x\n[Network]";
    const std::string text = networkd_text(state);
    EXPECT_THAT(text, HasSubstr("Name=a??Match??\n"));
    EXPECT_THAT(text, Not(HasSubstr("6.6.6.6")));
    state.is_virtual = false;
    EXPECT_THAT(networkd_text(state), Not(HasSubstr("MACAddress")));
}

TEST(NetworkmanagerText, DescribesHardwareOnly) {
    EXPECT_EQ(networkmanager_text(fixed()), "");
    InterfaceState state = fixed();
    state.is_virtual = false;
    const std::string text = networkmanager_text(state);
    EXPECT_THAT(text, HasSubstr("mac-address=52:54:00:12:34:56\nmtu=9000\n"));
    EXPECT_THAT(text, HasSubstr("[ipv4]\nmethod=manual\naddress1=10.0.0.5/8\ngateway=10.0.0.1\n"
                                "route1=172.16.0.0/12,10.0.0.2\ndns=10.0.0.1;\n"));
    EXPECT_THAT(networkmanager_text(leased()), HasSubstr("[ipv4]\nmethod=auto\n"));
}

TEST(ResolvConfText, HasThreeServersAtMost) {
    InterfaceState first = leased();
    first.dns = {"10.0.0.1"};
    InterfaceState second{.name = "eth1", .dns = {"fe80::1", "10.0.0.1", "10.0.0.3"}};
    const std::vector states = {first, second};
    EXPECT_EQ(resolv_conf_text(states), "# Written by slipway.\n"
                                        "search example.org a.example\n"
                                        "nameserver 10.0.0.1\n"
                                        "nameserver 192.168.50.1\n"
                                        "nameserver fe80::1%eth1\n");
}

TEST(InterfaceState, LeavesOutLeasedServersIfToldSo) {
    InterfaceState state = leased();
    state.uses_leased_dns = false;
    state.dns = {"10.0.0.1"};
    EXPECT_THAT(dns_of(state), ElementsAre("10.0.0.1"));
    EXPECT_THAT(networkd_text(state), HasSubstr("UseDNS=no\n"));
}

class WriteCarryOver : public testing::Test {
protected:
    WriteCarryOver() {
        std::string pattern = testing::TempDir() + "carry-over-XXXXXX";
        run_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(run_); }
    [[nodiscard]] unsigned mode_of(const std::string &name) const {
        struct stat status{};
        return ::stat((run_ + name).c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
    }

    std::string run_;
};

TEST_F(WriteCarryOver, MakesAllFiles) {
    ASSERT_TRUE(write_carry_over(leased(), run_).has_value());
    ASSERT_TRUE(write_carry_over(leased(), run_).has_value()) << "again";
    EXPECT_EQ(mode_of("/net-eth0.conf"), 0644U);
    EXPECT_EQ(mode_of("/net6-eth0.conf"), 0U) << "no IPv6";
    EXPECT_EQ(mode_of("/systemd/network/10-slipway-52-54-00-12-34-56.network"), 0644U);
    EXPECT_EQ(mode_of("/udev/rules.d/81-slipway-eth0.rules"), 0644U);
    EXPECT_EQ(mode_of("/slipway/interface-renamed"), 0644U);
    EXPECT_EQ(mode_of("/NetworkManager/system-connections/slipway-eth0.nmconnection"), 0600U);
    const std::vector states = {leased()};
    ASSERT_TRUE(write_resolv_conf(states, run_).has_value());
    EXPECT_EQ(mode_of("/slipway/resolv.conf"), 0644U);
    for (const auto &entry : std::filesystem::recursive_directory_iterator(run_))
        EXPECT_NE(entry.path().extension(), ".new");
}

TEST_F(WriteCarryOver, HasIfupdownLeaveTheRootsInterfaceAlone) {
    ASSERT_TRUE(write_carry_over(leased(), run_).has_value());
    EXPECT_FALSE(std::filesystem::exists(run_ + "/systemd/system")) << "the root is on a disk";
    InterfaceState state = leased();
    state.carries_root = true;
    ASSERT_TRUE(write_carry_over(state, run_).has_value());
    EXPECT_EQ(mode_of("/slipway/carried/52:54:00:12:34:56"), 0644U);
    EXPECT_EQ(mode_of("/systemd/system/networking.service.d/50-slipway-eth0.conf"), 0644U);
    EXPECT_EQ(mode_of("/systemd/system/ifup@.service.d/50-slipway-eth0.conf"), 0644U);
}

TEST(RenameRule, FindsTheInterfaceUnderAnyName) {
    EXPECT_THAT(rename_rule(leased()),
                HasSubstr("ACTION==\"add|move\", SUBSYSTEM==\"net\", ATTR{ifindex}==\"2\", "
                          "ATTR{address}==\"52:54:00:12:34:56\", TEST!=\"/etc/initrd-release\", "
                          "RUN+=\"/bin/sh /run/slipway/interface-renamed eth0 $name\"\n"));
    EXPECT_EQ(rename_rule(fixed()), "") << "the initrd has named it, and that stays";
    for (const char *name : {"eth0 x", "a'b", "a\"b", "$(x)", "%k"}) {
        InterfaceState state = leased();
        state.name = name;
        EXPECT_EQ(rename_rule(state), "") << name;
    }
}

class RenameScript : public WriteCarryOver {
protected:
    // With the folder in place of /run.
    void rename(const std::string &from, const std::string &to) const {
        std::string script = rename_script();
        for (std::size_t at = 0; (at = script.find("/run/", at)) != std::string::npos;
             at += run_.size())
            script.replace(at, 4, run_);
        std::ofstream(run_ + "/script") << script;
        const std::string command = "/bin/sh " + run_ + "/script " + from + " " + to;
        EXPECT_EQ(std::system(command.c_str()), 0);
    }
    [[nodiscard]] std::string text_of(const std::string &name) const {
        std::ifstream file(run_ + name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

TEST_F(RenameScript, TheFilesFollowTheInterface) {
    InterfaceState state = leased();
    state.addresses.emplace_back("fd00::5/64");
    ASSERT_TRUE(write_carry_over(state, run_).has_value());
    std::filesystem::create_directory(run_ + "/initramfs");
    std::ofstream(run_ + "/initramfs/open-iscsi.interface") << "eth0\n";
    rename("eth0", "enp0s16");
    EXPECT_FALSE(std::filesystem::exists(run_ + "/net-eth0.conf"));
    EXPECT_FALSE(std::filesystem::exists(run_ + "/net6-eth0.conf"));
    state.name = "enp0s16";
    EXPECT_EQ(text_of("/net-enp0s16.conf"), ipconfig_text(state));
    EXPECT_EQ(text_of("/net6-enp0s16.conf"), ipconfig6_text(state));
    EXPECT_EQ(text_of("/initramfs/open-iscsi.interface"), "enp0s16\n");
    EXPECT_EQ(mode_of("/net-enp0s16.conf"), 0644U);
}

TEST_F(RenameScript, NothingHappensToWhatKeepsItsName) {
    ASSERT_TRUE(write_carry_over(leased(), run_).has_value());
    std::filesystem::create_directory(run_ + "/initramfs");
    std::ofstream(run_ + "/initramfs/open-iscsi.interface") << "eth1\n";
    rename("eth0", "eth0");
    EXPECT_EQ(text_of("/net-eth0.conf"), ipconfig_text(leased()));
    rename("eth0", "lan0"); // and once more, as udev tells of it twice
    rename("eth0", "lan0");
    EXPECT_THAT(text_of("/net-lan0.conf"), HasSubstr("DEVICE='lan0'\n"));
    EXPECT_EQ(text_of("/initramfs/open-iscsi.interface"), "eth1\n") << "another interface";
}

// systemd takes "$" and "%" for its own; what is left must be what the shell gets.
TEST(IfupdownText, EscapesWhatIsTheShells) {
    for (const std::string &text : {networking_text(), ifup_text()}) {
        for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 2))
            EXPECT_EQ(text.substr(at, 2), "$$") << text.substr(at);
        const std::size_t percent = text.find('%');
        EXPECT_TRUE(percent == std::string::npos || text.substr(percent, 2) == "%I") << text;
    }
}

TEST_F(WriteCarryOver, TellsWhatCannotBeWritten) {
    std::ofstream(run_ + "/systemd") << "a file";
    const auto result = write_carry_over(leased(), run_);
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(result.error().message(), HasSubstr("/systemd/network"));
    EXPECT_EQ(mode_of("/net-eth0.conf"), 0644U) << "the others are";
}

} // namespace

} // namespace slipway::net
