// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace slipway::sdk {

struct KernelMessage {
    bool is_kernels_own = true; // not written to /dev/kmsg by a program
    std::string text;           // of one line, cleaned for people
};

// A record of /dev/kmsg ("6,339,5140900,-;PM: …\n SUBSYSTEM=…"); nothing if it is not one. Source:
// Documentation/ABI/testing/dev-kmsg of the kernel.
[[nodiscard]] std::optional<KernelMessage> parse_kernel_record(std::string_view record);

// The kernel's log, as far as it has not been overwritten. Never waits. A log that cannot be read
// has no messages: nobody but root may, and some kernels have none.
class KernelLog {
public:
    enum class From : std::uint8_t { beginning, now };

    KernelLog(const std::string &path, From from);

    // Nothing: there is no more at present.
    [[nodiscard]] std::optional<KernelMessage> next();

private:
    UniqueFd file_;
};

} // namespace slipway::sdk
