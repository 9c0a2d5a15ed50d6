// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/udev_monitor.h"

#include <gmock/gmock.h>

#include "support/fake_event_loop.h"

namespace slipway {
namespace {

TEST(UdevMonitorTest, ListensWithoutRightsAndEndsInOrder) {
    test::FakeEventLoop loop;
    std::string problems;
    UeventSource::Handlers handlers;
    handlers.device = [](const Uevent &) {};
    handlers.overflow = [] {};
    handlers.problem = [&problems](const Error &error) { problems += error.message(); };
    auto monitor = UdevMonitor::open(loop, std::move(handlers));
    ASSERT_TRUE(monitor) << monitor.error().message();
    monitor->reset();
    EXPECT_EQ(problems, "");
}

} // namespace
} // namespace slipway
