// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/text.h"
#include "device/uevent.h"
#include "sys/system.h"

namespace slipway {

// "b254:0": the name of a device's entry; nothing for a device without a node.
[[nodiscard]] std::optional<std::string> udev_entry_name(const DeviceFacts &facts);

// An entry in the format of systemd-udevd (libsystemd's device_update_db(); it is read by libudev
// and by the host's rules): S: for each line of the fact `links`, L: for `link_priority` if it is
// not 0, I: for `initialized`, E: for each fact `udev.KEY`, V:1. Control characters, which would
// forge lines, become '?'. No tags: the host's own rules add them.
[[nodiscard]] std::string format_udev_entry(const DeviceFacts &facts, Duration initialized);

// Writes the entries that let the host's udevd adopt devices which it did not see arrive:
// /run/udev/data/b<major>:<minor>. A device gets one only if it has a fact `udev.KEY`; all others
// look to the host as after `udevadm info --cleanup-db`. Owned by main, in PID 1.
class UdevDatabase {
public:
    // `system` must outlive the database.
    explicit UdevDatabase(System &system) : system_(&system) {}

    // Writes, rewrites or removes the entry of the device with these facts. `now`: CLOCK_MONOTONIC;
    // the first write's time stays in the entry.
    [[nodiscard]] Result<> update(const DeviceFacts &facts, Duration now);
    // The device is gone. A device without an entry is success.
    [[nodiscard]] Result<> remove(const DeviceFacts &facts);

private:
    struct Entry {
        Duration initialized{0};
        std::string text;
    };

    System *system_;
    std::map<std::string, Entry> entries_; // those written, by name
};

} // namespace slipway
