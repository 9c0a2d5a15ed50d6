// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/kmsg_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <format>
#include <utility>

namespace slipway {

Result<KmsgSink> KmsgSink::open(System &system) {
    (void)system.write_file("/proc/sys/kernel/printk_devkmsg", "on\n");
    auto fd = system.open("/dev/kmsg", O_WRONLY | O_NONBLOCK);
    if (!fd)
        return std::unexpected(std::move(fd.error()).with_context("log to the kernel's log"));
    return KmsgSink(std::move(*fd));
}

void KmsgSink::write(const LogRecord &record) const {
    for (const std::string &line : kmsg_lines(record.level, record.text)) {
        if (::write(fd_.get(), line.data(), line.size()) < 0)
            return;
    }
}

std::vector<std::string> kmsg_lines(LogLevel level, std::string_view text) {
    const std::string prefix = std::format("<{}>slipway: ", static_cast<int>(level));
    const std::size_t room = KmsgSink::kMaxLineBytes - prefix.size();
    std::vector<std::string> lines;
    while (!text.empty()) {
        std::size_t length = std::min(text.size(), room);
        // Back to the first byte of a UTF-8 character (which has at most 4).
        for (int i = 0; i < 3 && length < text.size(); ++i) {
            if ((static_cast<unsigned char>(text[length]) & 0xC0U) != 0x80U)
                break;
            --length;
        }
        lines.push_back(prefix + std::string(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return lines;
}

} // namespace slipway
