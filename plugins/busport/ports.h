// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::busport {

// A virtio-serial port, as sysfs shows it: Documentation/ABI of the kernel has no page about it;
// the driver is drivers/char/virtio_console.c.
struct Port {
    std::string syspath; // "/sys/devices/…/virtio-ports/vport1p1"
    std::string name;    // that the host gave it; empty: none, or not told yet
};

[[nodiscard]] std::vector<Port> list_ports(const std::string &sysfs = "/sys");
// Empty: see Port::name.
[[nodiscard]] std::string name_of_port(const std::string &syspath);
// Has the kernel announce the device once more.
[[nodiscard]] Result<> announce_port(const std::string &syspath);
// No other port is on the same device.
[[nodiscard]] bool is_alone(const std::string &syspath);
// The driver keeps the buffers that what came in has lain in, answers to questions among them, for
// as long as it has the device. This takes the device from it and gives it back, which frees them;
// the kernel wipes what it frees if it is told to (init_on_free). False: it is not alone, and
// the others must not be disturbed; a console may be among them.
[[nodiscard]] Result<bool> renew_buffers(const std::string &syspath);
// Letters, digits and . _ -, as names of ports are.
[[nodiscard]] bool is_port_name(std::string_view name) noexcept;

} // namespace slipway::busport
