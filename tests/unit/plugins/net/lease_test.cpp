// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/lease.h"

#include <gmock/gmock.h>

#include "dhcp_datagram.h"

namespace slipway::net {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// As dhcpcd 10.1 gives it for a lease of dnsmasq.
constexpr std::string_view kBound = "reason=BOUND\n"
                                    "interface=eth0\n"
                                    "new_ip_address=192.168.50.101\n"
                                    "new_subnet_cidr=24\n"
                                    "new_broadcast_address=192.168.50.255\n"
                                    "new_routers=192.168.50.1\n"
                                    "new_domain_name_servers=192.168.50.1 192.168.50.2\n"
                                    "new_domain_name=example.org\n"
                                    "new_domain_search=a.example b.example\n"
                                    "new_host_name=client\n"
                                    "new_dhcp_lease_time=120\n"
                                    "new_dhcp_server_identifier=192.168.50.1\n"
                                    "new_interface_mtu=1400\n"
                                    "new_filename=pxe\n"
                                    "new_tftp_server_name=boot\n"
                                    "next_server=192.168.50.9\n";

DhcpMessage parsed(std::string_view lines) {
    return parse_dhcp_message(datagram_of(lines)).value();
}

DhcpMessage bound_with(std::string_view more) {
    return parsed(std::string(kBound) + std::string(more));
}

TEST(Lease, HasWhatTheServerGave) {
    const DhcpMessage message = parsed(kBound);
    EXPECT_EQ(message.interface, "eth0");
    EXPECT_EQ(message.news, DhcpNews::lease);
    EXPECT_THAT(message.complaints, IsEmpty());
    const Lease &lease = message.lease;
    EXPECT_FALSE(lease.is_ipv6());
    EXPECT_THAT(lease.addresses, ElementsAre("192.168.50.101/24"));
    EXPECT_THAT(lease.routers, ElementsAre("192.168.50.1"));
    EXPECT_THAT(lease.dns, ElementsAre("192.168.50.1", "192.168.50.2"));
    EXPECT_EQ(lease.domain, "example.org");
    EXPECT_THAT(lease.search, ElementsAre("a.example", "b.example"));
    EXPECT_EQ(lease.host_name, "client");
    EXPECT_EQ(lease.next_server, "192.168.50.9");
    EXPECT_EQ(lease.server, "192.168.50.1");
    EXPECT_EQ(lease.boot_file, "pxe");
    EXPECT_EQ(lease.mtu, 1400U);
    EXPECT_EQ(lease.lifetime, std::chrono::seconds(120));
}

TEST(Lease, RoutesReplaceTheRouters) {
    const Lease lease = bound_with("new_classless_static_routes=10.0.0.0/8 192.168.50.7 "
                                   "172.16.0.0/12 0.0.0.0 0.0.0.0/0 192.168.50.3\n")
                            .lease;
    EXPECT_THAT(lease.routers, ElementsAre("192.168.50.3"));
    ASSERT_EQ(lease.routes.size(), 2U);
    EXPECT_EQ(lease.routes[0].destination, "10.0.0.0/8");
    EXPECT_EQ(lease.routes[0].gateway, "192.168.50.7");
    EXPECT_EQ(lease.routes[1].gateway, "");
}

TEST(Lease, ABadRouteIsLeftOut) {
    const DhcpMessage message = bound_with("new_classless_static_routes=10.0.0.0/64 192.168.50.7 "
                                           "10.1.0.0 192.168.50.7 10.2.0.0/16 192.168.50.7\n");
    ASSERT_EQ(message.lease.routes.size(), 1U);
    EXPECT_EQ(message.lease.routes[0].destination, "10.2.0.0/16");
    EXPECT_EQ(message.complaints.size(), 2U);
}

TEST(Lease, ARootPathStaysAsItIs) {
    EXPECT_EQ(bound_with("new_root_path=192.168.50.1:/srv/$(reboot);'x',vers=4\n").lease.root_path,
              "192.168.50.1:/srv/$(reboot);'x',vers=4");
}

TEST(Lease, APasswordInARootPathIsNeitherTakenNorShown) {
    const auto message =
        bound_with("new_root_path=iscsi:joe:hunter2@192.168.50.1::::iqn.2009-06.example:one\n");
    EXPECT_EQ(message.lease.root_path, "");
    ASSERT_EQ(message.complaints.size(), 1U);
    EXPECT_THAT(message.complaints.front(), HasSubstr("rd.iscsi.password="));
    EXPECT_THAT(message.complaints.front(), ::testing::Not(HasSubstr("hunter2")));
    EXPECT_THAT(message.lease.root_path_refusal, HasSubstr("rd.iscsi.password="));
    EXPECT_THAT(message.lease.root_path_refusal, ::testing::Not(HasSubstr("hunter2")));
}

TEST(Lease, ARootPathIsPrintableAndBounded) {
    std::string datagram = datagram_of(kBound);
    datagram += "new_root_path=/srv\n/x";
    datagram += '\0';
    const auto message = parse_dhcp_message(datagram);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->lease.root_path, "");
    EXPECT_EQ(message->lease.addresses.size(), 1U);
    EXPECT_THAT(message->complaints,
                ElementsAre(HasSubstr("new_root_path \"/srv?/x\" refused: control characters")));
    EXPECT_EQ(bound_with("new_root_path=/srv/\xC3\xA4\n").lease.root_path, "");
    const std::string longest(1024, 'a');
    EXPECT_THAT(message->lease.root_path_refusal, HasSubstr("control characters"));
    EXPECT_EQ(bound_with("new_root_path=" + longest + "\n").lease.root_path, longest);
    EXPECT_EQ(bound_with("new_root_path=" + longest + "\n").lease.root_path_refusal, "");
    const DhcpMessage too_long = bound_with("new_root_path=" + longest + "a\n");
    EXPECT_EQ(too_long.lease.root_path, "");
    EXPECT_THAT(too_long.complaints, ElementsAre(HasSubstr("longer than 1024 bytes")));
}

TEST(Lease, BadFieldsAreDroppedAndTheOthersKept) {
    const DhcpMessage message = parsed("reason=BOUND\n"
                                       "interface=eth0\n"
                                       "new_ip_address=192.168.50.101\n"
                                       "new_subnet_cidr=24\n"
                                       "new_domain_name_servers=192.168.50.1 300.1.1.1 x\n"
                                       "new_domain_name=a;b\n"
                                       "new_host_name=-rf\n"
                                       "new_interface_mtu=12\n"
                                       "new_dhcp_lease_time=-5\n"
                                       "new_dhcp_server_identifier=me\n"
                                       "left_out=new_wpad_url\n");
    EXPECT_THAT(message.lease.addresses, ElementsAre("192.168.50.101/24"));
    EXPECT_THAT(message.lease.dns, ElementsAre("192.168.50.1"));
    EXPECT_EQ(message.lease.domain, "");
    EXPECT_EQ(message.lease.host_name, "");
    EXPECT_EQ(message.lease.mtu, 0U);
    EXPECT_EQ(message.lease.lifetime, std::nullopt);
    EXPECT_EQ(message.lease.server, "");
    EXPECT_EQ(message.complaints.size(), 8U);
}

TEST(Lease, AnAddressWithoutPrefixIsNone) {
    EXPECT_THAT(parsed("reason=BOUND\ninterface=eth0\nnew_ip_address=10.0.0.1\n").lease.addresses,
                IsEmpty());
}

TEST(Lease, LastsForEverIfTheServerSaysSo) {
    EXPECT_EQ(
        parsed("reason=BOUND\ninterface=eth0\nnew_dhcp_lease_time=4294967295\n").lease.lifetime,
        std::nullopt);
}

TEST(Lease, OptionSixtySixCountsIfItIsAnAddress) {
    const auto next_server = [](std::string_view name) {
        return parsed("reason=BOUND\ninterface=eth0\nnew_tftp_server_name=" + std::string(name) +
                      "\n")
            .lease.next_server;
    };
    EXPECT_EQ(next_server("192.168.50.7"), "192.168.50.7");
    EXPECT_EQ(next_server("boot.example"), "");
}

TEST(Lease, OfDhcp6HasItsOwnNames) {
    const DhcpMessage message = parsed("reason=BOUND6\n"
                                       "interface=eth0\n"
                                       "new_dhcp6_ia_na1_ia_addr1=fd00:0::0107\n"
                                       "new_dhcp6_ia_na1_ia_addr1_vltime=600\n"
                                       "new_dhcp6_ia_na1_iaid=f677b66e\n"
                                       "new_dhcp6_client_id=00010001329b65f35edcf677b66e\n"
                                       "new_dhcp6_name_servers=fd00::1 fe80::1%eth0\n"
                                       "new_dhcp6_bootfile_url=nfs://[fd00::1]/srv\n");
    EXPECT_THAT(message.complaints, IsEmpty());
    EXPECT_TRUE(message.lease.is_ipv6());
    EXPECT_THAT(message.lease.addresses, ElementsAre("fd00::107/128"));
    EXPECT_THAT(message.lease.dns, ElementsAre("fd00::1", "fe80::1"));
    EXPECT_EQ(message.lease.root_path, "nfs://[fd00::1]/srv");
    EXPECT_EQ(message.lease.client_duid, "00010001329b65f35edcf677b66e");
    EXPECT_EQ(message.lease.iaid, "f677b66e");
    EXPECT_EQ(message.lease.lifetime, std::chrono::seconds(600));
}

TEST(Lease, OfRoutersHasAllOfThem) {
    const Lease lease = parsed("reason=ROUTERADVERT\n"
                               "interface=eth0\n"
                               "nd1_from=fe80::1\n"
                               "nd1_lifetime=1800\n"
                               "nd1_addr1=fd00::5/64\n"
                               "nd1_rdnss1_servers=fd00::53\n"
                               "nd1_dnssl1_search=example.org\n"
                               "nd1_mtu=1480\n"
                               "nd2_from=fe80::2\n"
                               "nd2_lifetime=0\n"
                               "nd2_addr1=fd01::5/64\n")
                            .lease;
    EXPECT_THAT(lease.addresses, ElementsAre("fd00::5/64", "fd01::5/64"));
    EXPECT_THAT(lease.routers, ElementsAre("fe80::1"));
    EXPECT_THAT(lease.dns, ElementsAre("fd00::53"));
    EXPECT_THAT(lease.search, ElementsAre("example.org"));
    EXPECT_EQ(lease.mtu, 1480U);
}

TEST(DhcpMessage, TellsWhatIsLost) {
    EXPECT_EQ(parsed("reason=EXPIRE\ninterface=eth0\n").news, DhcpNews::lost);
    const DhcpMessage message = parsed("reason=EXPIRE6\ninterface=eth0\n");
    EXPECT_EQ(message.news, DhcpNews::lost);
    EXPECT_EQ(message.lease.source, LeaseSource::dhcp6);
    EXPECT_EQ(parsed("reason=PREINIT\ninterface=eth0\n").news, DhcpNews::other);
}

TEST(DhcpMessage, IsRefusedIfItIsNone) {
    for (const std::string_view lines :
         {"", "reason=BOUND", "reason=BOUND\n", "interface=eth0\n", "reason=BOUND\ninterface=\n",
          "reason=BOUND\ninterface=../x\n", "reason=BOUND\ninterface=sixteen-bytes-xx\n",
          "reason=BOUND\ninterface=eth0\nno variable\n", "reason=BOUND\ninterface=eth0\n=x\n",
          "reason=BO UND\ninterface=eth0\n", "reason=BOUND\ninterface=-eth0\n"})
        EXPECT_FALSE(parse_dhcp_message(datagram_of(lines)).has_value()) << lines;
    EXPECT_FALSE(parse_dhcp_message(std::string(kMaxDatagramBytes + 1, '\0')).has_value());
}

TEST(DhcpMessage, FloodsAreCut) {
    std::string servers = "new_domain_name_servers=";
    for (int i = 0; i < 200; ++i)
        servers += "10.0.0." + std::to_string(i + 1) + " ";
    const DhcpMessage message = parsed("reason=BOUND\ninterface=eth0\n" + servers +
                                       "\nnew_routers=" + std::string(4000, 'x') + "\n");
    EXPECT_EQ(message.lease.dns.size(), 32U);
    EXPECT_LE(message.complaints.size(), 32U);
    for (const std::string &complaint : message.complaints)
        EXPECT_LT(complaint.size(), 300U);
}

TEST(Lease, IsTheSameWhateverTheTime) {
    Lease left = parsed(kBound).lease;
    Lease right = left;
    right.acquired = std::chrono::seconds(9);
    EXPECT_TRUE(is_same_lease(left, right));
    right.routes.push_back({"10.0.0.0/8", ""});
    EXPECT_FALSE(is_same_lease(left, right));
    left.addresses.clear();
    EXPECT_FALSE(is_same_lease(left, right));
}

} // namespace

} // namespace slipway::net
