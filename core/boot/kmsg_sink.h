// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sys/system.h"

namespace slipway {

// Hands log records to the kernel's log. From there they reach the host's journal, and the
// consoles, as far as the console log level (quiet, loglevel=) lets them: so nothing else prints
// the log.
class KmsgSink {
public:
    // /dev/kmsg cuts records of about 1000 bytes; a longer text becomes several lines.
    static constexpr std::size_t kMaxLineBytes = 900;

    // Opens /dev/kmsg and lifts its limit of lines per second (printk_devkmsg, see the kernel's
    // Documentation/admin-guide/sysctl/kernel.rst); if the user fixed that on the command line, the
    // kernel refuses, and lines over the limit are lost to the kernel's log only.
    [[nodiscard]] static Result<KmsgSink> open(System &system);

    // `fd`: opened with O_NONBLOCK, one write(2) is one line.
    explicit KmsgSink(UniqueFd fd) : fd_(std::move(fd)) {}

    // Never blocks and never fails: what the kernel refuses is still in Log.
    void write(const LogRecord &record) const;

private:
    UniqueFd fd_;
};

// "<6>slipway: text", cut between characters into lines of at most kMaxLineBytes.
[[nodiscard]] std::vector<std::string> kmsg_lines(LogLevel level, std::string_view text);

} // namespace slipway
