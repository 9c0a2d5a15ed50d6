// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "boot/real_init.h"
#include "boot/timeline.h"
#include "sys/system.h"

namespace slipway {

// When PID 1 began: the end of what systemd-analyze shows as the kernel's part. Microseconds.
struct StartTimes {
    std::int64_t realtime = 0;
    std::int64_t monotonic = 0;
};

[[nodiscard]] StartTimes read_start_times(System &system);

// The state that systemd expects behind --deserialize=: the manager's section with the times of
// this initrd, and nothing more. The format is private to systemd: read in systemd 257,
// src/core/manager-serialize.c.
[[nodiscard]] std::string systemd_state(const StartTimes &start);

// argv of the real init: its path, what systemd needs to find the state in `state_fd` (-1: not
// systemd, or no state), then the words that the kernel gave to slipway and that are meant for
// init.
[[nodiscard]] std::vector<std::string> init_arguments(const RealInit &init, int state_fd,
                                                      const std::vector<std::string> &from_kernel);

// The environment of the real init: what the kernel gave to slipway (`from_kernel`, as main()
// received it, before anything was set), less what would tell systemd that it is in an initrd.
[[nodiscard]] std::vector<std::string>
init_environment(const std::vector<std::string> &from_kernel);

// "error: …", one line per record, and how many older ones are missing.
[[nodiscard]] std::string log_text(const Log &log);

struct BootReports {
    const Timeline &timeline;
    const Log &log;
    std::string_view record; // Recorder::text()
};

// Leaves timeline.json, log.txt and record.txt in /run/slipway for the host. All are tried; the
// errors come back together: a lost report is no reason not to boot.
[[nodiscard]] std::vector<Error> write_reports(System &system, const BootReports &reports,
                                               Duration switch_root);

} // namespace slipway
