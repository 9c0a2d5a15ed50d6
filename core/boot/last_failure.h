// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "boot/failure_partition.h"
#include "boot/failure_text.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// Keeps the text of a failed boot where the next boot finds it: in the memory that the kernel keeps
// over a restart (pstore's pmsg, which ramoops has), or else in a variable of the UEFI firmware,
// or, where neither is or takes it, in a file on the EFI system partition. A child writes, because
// firmware and disks may take their time. Once per boot: the firmware's memory wears out. Owned by
// the initrd, in PID 1.
class LastFailure {
public:
    static constexpr std::size_t kPmsgBytes = 16U << 10U;
    static constexpr std::size_t kVariableBytes = 4U << 10U;
    static constexpr std::size_t kFileBytes = 16U << 10U;
    // For the children, before the machine ends.
    static constexpr Duration kTimeToWrite = std::chrono::seconds(3);
    static constexpr Duration kTimeToWriteOnDisk = std::chrono::seconds(6);

    // All outlive this object.
    LastFailure(System &system, EventLoop &loop, Log &log)
        : system_(system), loop_(loop), log_(log) {}

    // The time that the machine should not end in, because a child writes; 0: none does.
    [[nodiscard]] Duration keep(const FailureParts &parts, const FailurePartition &partition);

private:
    // Where it may be written.
    struct Place {
        std::string name;
        std::function<Result<pid_t>()> write; // in a child
    };
    void add_places(const FailureParts &parts, const FailurePartition &partition);
    // False: no place is left.
    bool write_to_next();
    void written(const std::string &name, const ChildExit &exit);

    System &system_;
    EventLoop &loop_;
    Log &log_;
    bool is_kept_ = false;
    std::deque<Place> places_;
    std::vector<EventSourcePtr> exits_; // kept: one of them may be at work
};

inline constexpr const char *kPmsg = "/dev/pmsg0";
inline constexpr const char *kEfiVariables = "/sys/firmware/efi/efivars";
// The vendor id is slipway's own.
inline constexpr const char *kFailureVariable =
    "SlipwayLastFailure-6f4d5b0e-7c1a-4c55-9a5b-2f0d1d6f8e21";

// On the EFI system partition: <directory>/<name>-1.txt is the newest of at most so many.
inline constexpr const char *kFailureDirectory = "slipway";
inline constexpr const char *kFailureFile = "last-failure";
inline constexpr unsigned kFailureFiles = 3;

// As efivarfs wants it: attributes (kept over a restart, readable before and after the start of the
// system), then the value.
[[nodiscard]] std::string efi_variable(std::string_view value);

} // namespace slipway
