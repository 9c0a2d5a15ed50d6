// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/log.h"
#include "boot/failure_text.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// Keeps the text of a failed boot where the next boot finds it: in the memory that the kernel keeps
// over a restart (pstore's pmsg, which ramoops has), or else in a variable of the UEFI firmware. A
// child writes, because firmware may take its time. Once per boot: the firmware's memory wears out.
// Owned by the initrd, in PID 1.
class LastFailure {
public:
    static constexpr std::size_t kPmsgBytes = 16U << 10U;
    static constexpr std::size_t kVariableBytes = 4U << 10U;
    // For the child, before the machine ends.
    static constexpr Duration kTimeToWrite = std::chrono::seconds(3);

    // All outlive this object.
    LastFailure(System &system, EventLoop &loop, Log &log)
        : system_(system), loop_(loop), log_(log) {}

    // True: a child writes it now.
    bool keep(const FailureParts &parts);

private:
    [[nodiscard]] bool write(const std::string &path, const std::string &content);
    void written(const std::string &path, const ChildExit &exit);

    System &system_;
    EventLoop &loop_;
    Log &log_;
    bool is_kept_ = false;
    EventSourcePtr exit_;
};

inline constexpr const char *kPmsg = "/dev/pmsg0";
inline constexpr const char *kEfiVariables = "/sys/firmware/efi/efivars";
// The vendor id is slipway's own.
inline constexpr const char *kFailureVariable =
    "SlipwayLastFailure-6f4d5b0e-7c1a-4c55-9a5b-2f0d1d6f8e21";

// As efivarfs wants it: attributes (kept over a restart, readable before and after the start of the
// system), then the value.
[[nodiscard]] std::string efi_variable(std::string_view value);

} // namespace slipway
