// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/device_links.h"

#include <gmock/gmock.h>

#include "support/fake_event_loop.h"
#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::HasSubstr;

const std::string kPath = "/sys/devices/virtual/block/dm-0";

class DeviceLinksTest : public testing::Test {
protected:
    DeviceLinksTest() : links_(system_, loop_, log_) {
        system_.add_directory("/dev/disk");
        system_.add_directory("/run");
    }
    DeviceFacts facts_ = {{"devnode", "/dev/dm-0"},
                          {"subsystem", "block"},
                          {"major", "254"},
                          {"minor", "0"},
                          {"links", "/dev/disk/by-uuid/x\n/dev/mapper/root"},
                          {"udev.DM_NAME", "root"}};
    test::FakeSystem system_;
    test::FakeEventLoop loop_;
    Log log_;
    DeviceLinks links_;
};

TEST_F(DeviceLinksTest, ADeviceGetsItsLinksAndItsEntryForTheHost) {
    links_.update(kPath, &facts_);
    EXPECT_EQ(system_.link("/dev/disk/by-uuid/x"), "../../dm-0");
    EXPECT_EQ(system_.link("/dev/mapper/root"), "../dm-0");
    EXPECT_THAT(system_.content("/run/udev/data/b254:0").value_or(""), HasSubstr("E:DM_NAME=root"));
}

TEST_F(DeviceLinksTest, AGoneDeviceLeavesNothingBehind) {
    links_.update(kPath, &facts_);
    links_.update(kPath, nullptr);
    EXPECT_FALSE(system_.exists("/dev/disk/by-uuid/x"));
    EXPECT_FALSE(system_.exists("/run/udev/data/b254:0"));
}

TEST_F(DeviceLinksTest, ADeviceThatWasNeverThereIsNoTrouble) {
    links_.update(kPath, nullptr);
    EXPECT_TRUE(log_.records().empty());
}

TEST_F(DeviceLinksTest, ALinkThatCannotBeMadeIsLoggedOnce) {
    facts_["links"] = "/dev/../etc/passwd";
    links_.update(kPath, &facts_);
    EXPECT_EQ(log_.records().size(), 1U);
    EXPECT_FALSE(system_.exists("/etc/passwd"));
}

TEST_F(DeviceLinksTest, WhereUdevdRunsItMakesThem) {
    DeviceLinks none(system_, loop_, log_, DeviceBackend::udevd);
    none.update(kPath, &facts_);
    none.update(kPath, nullptr);
    EXPECT_FALSE(system_.exists("/dev/disk/by-uuid/x"));
    EXPECT_FALSE(system_.exists("/run/udev/data/b254:0"));
    EXPECT_FALSE(system_.exists("/run/udev"));
}

} // namespace
} // namespace slipway
