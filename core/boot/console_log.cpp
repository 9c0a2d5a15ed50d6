// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/console_log.h"

#include <charconv>
#include <string>

#include "base/text.h"

namespace slipway {

int kernel_console_level(System &system) {
    constexpr int kDefault = 7;
    const auto text = system.read_file("/proc/sys/kernel/printk", 256);
    const auto words = text ? split_words(*text) : std::vector<std::string>();
    int level = 0;
    if (words.empty() ||
        std::from_chars(words[0].data(), words[0].data() + words[0].size(), level).ec !=
            std::errc{})
        return kDefault;
    return level;
}

void ConsoleLog::write(const LogRecord &record) const {
    const bool does_kernel_print = static_cast<int>(record.level) < kernel_level_;
    if (record.level <= level_ && !does_kernel_print)
        consoles_.write("slipway: " + record.text + "\n");
}

} // namespace slipway
