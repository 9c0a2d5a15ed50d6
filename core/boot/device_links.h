// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "device/link_registry.h"
#include "device/udev_database.h"
#include "event/event_loop.h"
#include "sys/system.h"
#include "unit/unit.h"

namespace slipway {

// What the native back end owes the rest of the system for each device: the links below /dev, and
// the entry in the host's udev database. With the other back end udevd makes both, and this does
// nothing. Lives in PID 1; touches devtmpfs and /run only.
class DeviceLinks {
public:
    DeviceLinks(System &system, EventLoop &loop, Log &log,
                DeviceBackend backend = DeviceBackend::native)
        : loop_(loop), log_(log), backend_(backend), links_(system), database_(system) {}

    // `facts`: what is known about the device now; nullptr when it is gone.
    void update(const std::string &syspath, const DeviceFacts *facts);

private:
    void forget(const std::string &syspath);
    void report(const std::vector<Error> &errors);

    EventLoop &loop_;
    Log &log_;
    DeviceBackend backend_;
    LinkRegistry links_;
    UdevDatabase database_;
    std::map<std::string, DeviceFacts> known_;
};

} // namespace slipway
