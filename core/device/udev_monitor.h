// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "base/result.h"
#include "device/uevent_source.h"
#include "event/event_loop.h"

struct sd_device_monitor;

namespace slipway {

// Receives what udevd says about devices: its netlink messages (group 2), by libsystemd's
// sd-device, which is the format's own reader. Only messages of root count. It reads what comes and
// looks at no file: nothing in it can make PID 1 wait. Owned by main; open it before udevd starts.
class UdevMonitor {
public:
    [[nodiscard]] static Result<std::unique_ptr<UdevMonitor>> open(EventLoop &loop,
                                                                   UeventSource::Handlers handlers);
    UdevMonitor(const UdevMonitor &) = delete;
    UdevMonitor &operator=(const UdevMonitor &) = delete;
    UdevMonitor(UdevMonitor &&) = delete;
    UdevMonitor &operator=(UdevMonitor &&) = delete;
    ~UdevMonitor();

private:
    UdevMonitor(sd_device_monitor *monitor, UeventSource::Handlers handlers)
        : monitor_(monitor), handlers_(std::move(handlers)) {}
    void receive_some();
    [[nodiscard]] bool receive_one();

    sd_device_monitor *monitor_;
    UeventSource::Handlers handlers_;
    EventSourcePtr source_; // ends before the monitor
};

} // namespace slipway
