// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "boot/kernel_cmdline.h"

namespace slipway {

// Which records reach the kernel's log: a level for all, and other ones for single plugins. From
// rd.slipway.log=LEVEL and rd.slipway.log=PLUGIN:LEVEL, separated by commas, repeatable.
class LogLevels {
public:
    LogLevels() = default;
    // `usual`: of what the command line says nothing about.
    explicit LogLevels(LogLevel usual) : usual_(usual) {}

    // What is no level is left out and one of `problems`.
    void read(const KernelCommandLine &line, std::vector<std::string> &problems);
    [[nodiscard]] bool admit(const LogRecord &record) const;
    // For a warning about those that there are not.
    [[nodiscard]] std::vector<std::string> plugins() const;

private:
    void read_item(std::string_view item, std::vector<std::string> &problems);

    LogLevel usual_ = LogLevel::info;
    std::map<std::string, LogLevel, std::less<>> plugins_;
};

} // namespace slipway
