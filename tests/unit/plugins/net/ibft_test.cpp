// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/ibft.h"

#include <gmock/gmock.h>

#include <map>

#include "unit/plugins/iscsi/fake_tree.h"

namespace slipway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Ibft : public ::testing::Test {
protected:
    void set(const std::string &key, const std::string &value, int number = 0) const {
        tree.file("/sys/firmware/ibft/ethernet" + std::to_string(number) + "/" + key, value + "\n");
    }
    void interface(int number, const std::string &flags) const {
        set("mac", "52:54:00:12:34:0" + std::to_string(number), number);
        set("flags", flags, number);
        set("vlan", "0", number);
        set("origin", "0", number);
    }
    void static_interface() const {
        interface(0, "3");
        set("ip-addr", "192.168.50.101");
        set("subnet-mask", "255.255.255.0");
        set("gateway", "192.168.50.1");
        set("primary-dns", "192.168.50.2");
        set("secondary-dns", "0.0.0.0");
        set("dhcp", "0.0.0.0");
    }
    FirmwareNetwork read() const { return read_firmware_network(tree.root()); }

    test::FakeTree tree;
};

TEST_F(Ibft, MayBeAbsent) {
    EXPECT_THAT(read().interfaces, IsEmpty());
}

TEST_F(Ibft, HasAddresses) {
    static_interface();
    EXPECT_THAT(read().interfaces, ElementsAre(FirmwareInterface{.mac = "52:54:00:12:34:00",
                                                                 .is_dhcp = false,
                                                                 .address = "192.168.50.101",
                                                                 .prefix = 24,
                                                                 .gateway = "192.168.50.1",
                                                                 .dns = {"192.168.50.2"},
                                                                 .vlan = 0,
                                                                 .is_boot = true}));
}

TEST_F(Ibft, TakesTheLengthBeforeTheMask) {
    static_interface();
    set("prefix-len", "25");
    EXPECT_EQ(read().interfaces.at(0).prefix, 25U);
    set("ip-addr", "fd00::5");
    set("prefix-len", "64");
    EXPECT_EQ(read().interfaces.at(0).prefix, 64U);
}

TEST_F(Ibft, MayLeaveItToDhcp) {
    interface(0, "1");
    set("dhcp", "192.168.50.1");
    interface(1, "1");
    set("origin", "3", 1);
    ASSERT_EQ(read().interfaces.size(), 2U);
    EXPECT_TRUE(read().interfaces[0].is_dhcp);
    EXPECT_TRUE(read().interfaces[1].is_dhcp);
    EXPECT_EQ(read().interfaces[1].address, "");
}

TEST_F(Ibft, NamesTheInterfaceOfTheBootFirstAndLeavesOutUnusedOnes) {
    for (int i = 0; i < 3; ++i) {
        interface(i, i == 1 ? "3" : i == 2 ? "0" : "1");
        set("origin", "3", i);
    }
    const auto interfaces = read().interfaces;
    ASSERT_EQ(interfaces.size(), 2U);
    EXPECT_EQ(interfaces[0].mac, "52:54:00:12:34:01");
    EXPECT_EQ(interfaces[1].mac, "52:54:00:12:34:00");
}

TEST_F(Ibft, IsNotTrusted) {
    static_interface();
    for (const auto &[key, bad] : std::map<std::string, std::string>{{"mac", "`reboot`"},
                                                                     {"ip-addr", "1.2.3"},
                                                                     {"gateway", "x"},
                                                                     {"subnet-mask", "255.0.255.0"},
                                                                     {"vlan", "5000"}}) {
        static_interface();
        set(key, bad);
        EXPECT_THAT(read().interfaces, IsEmpty()) << key;
        EXPECT_THAT(read().problems, ElementsAre(HasSubstr("ethernet0"))) << key;
    }
}

} // namespace
} // namespace slipway::net
