// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "busport/ports.h"
#include "unit/builder/temporary_directory.h"
#include "unit/plugins/fake_host.h"

namespace slipway::busport {
namespace {

using slipway::testing::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two ports, the first without a name, as Linux 6.12 shows them.
class BusPortTest : public ::testing::Test {
protected:
    BusPortTest() {
        sysfs_.write("devices/pci0/virtio0/virtio-ports/vport1p0/uevent", "");
        sysfs_.write("devices/pci0/virtio0/virtio-ports/vport1p1/uevent", "");
        sysfs_.write("devices/pci0/virtio0/virtio-ports/vport1p1/name", "org.slipway.bus\n");
        for (const char *port : {"vport1p0", "vport1p1"})
            sysfs_.link("../../devices/pci0/virtio0/virtio-ports/" + std::string(port),
                        "class/virtio-ports/" + std::string(port));
    }
    [[nodiscard]] std::string syspath(const std::string &port) const {
        return std::filesystem::canonical(sysfs_.path()).string() +
               "/devices/pci0/virtio0/virtio-ports/" + port;
    }
    [[nodiscard]] std::string uevent_of(const std::string &port) const {
        std::ifstream file(syspath(port) + "/uevent");
        std::string text;
        std::getline(file, text);
        return text;
    }
    std::vector<std::string> services_for(const std::string &port, const std::string &wanted) {
        test::FakeRequest request;
        request.devices = {{syspath(port), {}}};
        if (!wanted.empty())
            request.options = {{"rd.slipway.port", wanted}};
        sdk::Context context(host_.raw());
        EXPECT_EQ(inspect_port(context, sdk::Request(request.raw())), sdk::Outcome::done);
        std::vector<std::string> units;
        for (const sdk::Membership &member : host_.members)
            units.push_back(member.unit);
        return units;
    }

    TemporaryDirectory sysfs_;
    test::FakeHost host_;
};

TEST_F(BusPortTest, PortsAreListedWithTheirNames) {
    const auto ports = list_ports(sysfs_.path());
    ASSERT_EQ(ports.size(), 2U);
    EXPECT_EQ(ports[0].syspath, syspath("vport1p0"));
    EXPECT_EQ(ports[0].name, "");
    EXPECT_EQ(ports[1].name, "org.slipway.bus");
    EXPECT_THAT(list_ports(sysfs_.path() + "/absent"), IsEmpty());
}

TEST_F(BusPortTest, ThePortThatIsNamedStartsItsService) {
    EXPECT_THAT(services_for("vport1p1", "org.slipway.bus"),
                ElementsAre("bus-port@org.slipway.bus"));
}

TEST_F(BusPortTest, NoOtherPortDoes) {
    EXPECT_THAT(services_for("vport1p1", ""), IsEmpty());
    EXPECT_THAT(services_for("vport1p1", "org.slipway"), IsEmpty());
    EXPECT_THAT(services_for("vport1p0", "org.slipway.bus"), IsEmpty());
}

TEST_F(BusPortTest, ANameThatCouldBeAnythingElseIsNone) {
    sysfs_.write("devices/pci0/virtio0/virtio-ports/vport1p0/name", "a b@../c\n");
    EXPECT_THAT(services_for("vport1p0", "a b@../c"), IsEmpty());
    EXPECT_TRUE(is_port_name("org.qemu.guest_agent-0"));
    EXPECT_FALSE(is_port_name(std::string(129, 'x')));
    EXPECT_FALSE(is_port_name(""));
}

TEST_F(BusPortTest, PortsAreAnnouncedOnceMore) {
    test::FakeRequest request;
    request.options = {{"rd.slipway.port", "org.slipway.bus"}};
    sdk::Context context(host_.raw());
    EXPECT_EQ(announce_ports(context, sdk::Request(request.raw()), sysfs_.path()),
              sdk::Outcome::done);
    EXPECT_EQ(uevent_of("vport1p0"), "change");
    EXPECT_EQ(uevent_of("vport1p1"), "change");
    EXPECT_EQ(host_.log_text(), "");
}

TEST_F(BusPortTest, AWrongNameIsAnErrorThatNamesTheOption) {
    test::FakeRequest request;
    request.options = {{"rd.slipway.port", "a/b"}};
    sdk::Context context(host_.raw());
    EXPECT_EQ(announce_ports(context, sdk::Request(request.raw()), sysfs_.path()),
              sdk::Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("rd.slipway.port=a/b is no name of a port"));
    EXPECT_EQ(uevent_of("vport1p1"), "");
}

TEST_F(BusPortTest, TheDriverOfALonePortIsGivenItsDeviceAnew) {
    sysfs_.write("bus/virtio/drivers/virtio_console/unbind", "");
    sysfs_.write("bus/virtio/drivers/virtio_console/bind", "");
    sysfs_.link("../../../bus/virtio/drivers/virtio_console", "devices/pci0/virtio0/driver");
    const auto told = [this](const std::string &name) {
        std::ifstream file(sysfs_.path() + "/bus/virtio/drivers/virtio_console/" + name);
        std::string text;
        std::getline(file, text);
        return text;
    };
    const auto shared = renew_buffers(syspath("vport1p1"));
    ASSERT_TRUE(shared);
    EXPECT_FALSE(*shared);
    EXPECT_EQ(told("unbind"), "");
    std::filesystem::remove_all(syspath("vport1p0"));
    const auto renewed = renew_buffers(syspath("vport1p1"));
    ASSERT_TRUE(renewed);
    EXPECT_TRUE(*renewed);
    EXPECT_EQ(told("unbind"), "virtio0");
    EXPECT_EQ(told("bind"), "virtio0");
}

TEST_F(BusPortTest, APortWithoutADriverIsAnError) {
    EXPECT_FALSE(renew_buffers(syspath("vport1p1")));
}

} // namespace
} // namespace slipway::busport
