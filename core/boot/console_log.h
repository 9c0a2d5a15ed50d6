// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "base/log.h"
#include "boot/console.h"
#include "sys/system.h"

namespace slipway {

// What the kernel prints on the consoles of its own log: records more urgent than the first number
// of /proc/sys/kernel/printk. 7, the kernel's default, if that says nothing.
[[nodiscard]] int kernel_console_level(System &system);

// Shows on the consoles what the kernel keeps from them: records up to `level` that it does not
// print itself. For rd.info and rd.debug beside quiet.
class ConsoleLog {
public:
    // `consoles` outlive this object.
    ConsoleLog(Consoles &consoles, LogLevel level, int kernel_level)
        : consoles_(consoles), level_(level), kernel_level_(kernel_level) {}

    void write(const LogRecord &record) const;

private:
    Consoles &consoles_;
    LogLevel level_;
    int kernel_level_;
};

} // namespace slipway
