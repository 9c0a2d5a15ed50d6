// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/udevadm_namer.h"

#include <gmock/gmock.h>

#include "net/udevadm_output.h"
#include "unit/plugins/fake_host.h"

namespace slipway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *kSyspath = "/sys/devices/pci0000:00/0000:00:08.0/virtio1/net/eth1";

// As udevadm of systemd 257 prints it.
constexpr const char *kOutput = "This program is for debugging only, it does not run any program\n"
                                "specified by a RUN key. It may show incorrect results, because\n"
                                "some values may be different, or not available at a simulation "
                                "run.\n"
                                "\n"
                                "Properties:\n"
                                "  DEVPATH=/devices/pci0000:00/0000:00:08.0/virtio1/net/eth1\n"
                                "  INTERFACE=eth1\n"
                                "  IFINDEX=3\n"
                                "  ACTION=add\n"
                                "  ID_NET_NAME_MAC=enx525400123458\n"
                                "  ID_NET_NAME_ONBOARD=eno3\n"
                                "  ID_NET_NAME_PATH=enp0s8\n"
                                "  ID_NET_LINK_FILE=/usr/lib/systemd/network/99-default.link\n"
                                "  ID_NET_NAME=eno3\n"
                                "Network interface name:\n"
                                "  eno3\n"
                                "Alternative interface names:\n"
                                "  eno3\n"
                                "  enp0s8\n";

std::string name_in(std::string_view output) {
    const auto name = parse_udevadm_test(output);
    return name ? *name : "error: " + name.error().message();
}

TEST(UdevadmOutput, TheNameStandsBelowItsHeading) {
    EXPECT_EQ(name_in(kOutput), "eno3");
}

TEST(UdevadmOutput, TheNameOfARuleWinsOverThatOfALinkFile) {
    EXPECT_EQ(name_in("Properties:\n  INTERFACE=usb0\n  ID_NET_NAME=enp0s9u1\n"
                      "Network interface name:\n  idrac\n"),
              "idrac");
}

TEST(UdevadmOutput, WithoutAHeadingThePropertyCounts) {
    EXPECT_EQ(name_in("INTERFACE=eth0\nID_NET_NAME_PATH=enp0s5\nID_NET_NAME=lan0\n"), "lan0");
    EXPECT_EQ(name_in("  INTERFACE=eth0\n  ID_NET_NAME=lan0"), "lan0");
}

TEST(UdevadmOutput, AHostThatRenamesNothingKeepsTheName) {
    EXPECT_EQ(name_in("Properties:\n  INTERFACE=eth0\n  ID_NET_NAME_PATH=enp0s5\n"), "eth0");
}

TEST(UdevadmOutput, APropertyDoesNotPassForTheName) {
    EXPECT_EQ(name_in("Properties:\n  ID_MODEL=x\nNetwork interface name:\n  evil0\n"
                      "  ID_NET_NAME=enp0s5\nNetwork interface name:\n  enp0s5\n"),
              "enp0s5");
    EXPECT_EQ(name_in("  ID_MODEL=ID_NET_NAME=evil0\n  INTERFACE=eth0\n"), "eth0");
}

TEST(UdevadmOutput, WhatCannotBeANameIsRefused) {
    for (const char *name : {"a-name-of-16-byt", "a/b", "a b", "a:b", "..", "eth%d", "12", "-x"})
        EXPECT_THAT(name_in(std::string("Network interface name:\n  ") + name + "\n"),
                    HasSubstr("cannot be the name of an interface"))
            << name;
    EXPECT_THAT(name_in("Network interface name:\n  \x1b[2J\n"), HasSubstr("\"?[2J\""));
}

TEST(UdevadmOutput, NoNameIsAnError) {
    EXPECT_THAT(name_in(""), HasSubstr("says no name"));
    EXPECT_THAT(name_in("Network interface name:"), HasSubstr("says no name"));
    EXPECT_THAT(name_in("Network interface name:\n\n  eth0\n"), HasSubstr("says no name"));
}

TEST(UdevadmOutput, TheReasonIsTheLastFailure) {
    EXPECT_EQ(udevadm_reason("Failed to read x\nFailed to open device '/sys/x': No such device\n"
                             "Unloaded link configuration context.\n"),
              "Failed to open device '/sys/x': No such device");
    EXPECT_EQ(udevadm_reason("killed\x1b\n"), "killed?");
    EXPECT_EQ(udevadm_reason(""), "it gave no reason");
}

class UdevadmNamer : public ::testing::Test {
protected:
    std::string name_of(const std::string &syspath) {
        sdk::Context context(host.raw());
        const auto name = make_udevadm_namer(context)->name_of(syspath);
        return name ? *name : "error: " + name.error().message();
    }

    test::FakeHost host;
};

TEST_F(UdevadmNamer, AsksWithoutAShell) {
    host.on_run = [](const auto &) { return sdk::RunResult{0, kOutput, ""}; };
    EXPECT_EQ(name_of(kSyspath), "eno3");
    EXPECT_THAT(host.programs,
                ElementsAre(ElementsAre("/usr/bin/udevadm", "test", "--action=add", kSyspath)));
}

TEST_F(UdevadmNamer, SaysWhatTheImageLacks) {
    EXPECT_THAT(name_of(kSyspath), HasSubstr("/usr/bin/udevadm could not be started; build the"));
}

TEST_F(UdevadmNamer, SaysWhyItFailed) {
    host.on_run = [](const auto &) {
        return sdk::RunResult{1, "", "Failed to open device 'x': No such device\n"};
    };
    EXPECT_THAT(name_of(kSyspath), HasSubstr("net/eth1: Failed to open device"));
}

TEST_F(UdevadmNamer, RunsNothingForWhatIsNoDevice) {
    EXPECT_THAT(name_of("--version"), HasSubstr("is no device"));
    EXPECT_THAT(host.programs, IsEmpty());
}

} // namespace
} // namespace slipway::net
