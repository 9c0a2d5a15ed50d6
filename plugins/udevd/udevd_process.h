// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "system/child_program.h"
#include "system/ready_notices.h"

namespace slipway::udevd {

// A daemon that tells with sd_notify(3) when it can be used. It dies with its parent, and ends with
// this object: SIGTERM, and SIGKILL for who is still there after kPatience.
class UdevdProcess {
public:
    // Shorter than what PID 1 leaves a worker that it ends.
    static constexpr std::chrono::milliseconds kPatience{1500};

    // `argv` begins with an absolute path; no shell.
    [[nodiscard]] static Result<UdevdProcess> start(const std::vector<std::string> &argv);

    // Error: it has ended instead, or said nothing for so long.
    [[nodiscard]] Result<> wait_until_ready(std::chrono::milliseconds limit);
    // Until it ends, with "" until `stop` is readable, and at the end how it has ended: "has ended
    // with exit code 1". Called once.
    [[nodiscard]] std::string wait_for_end(int stop);

private:
    UdevdProcess(sdk::ChildProgram program, sdk::ReadyNotices notices)
        : program_(std::move(program)), notices_(std::move(notices)) {}

    sdk::ChildProgram program_;
    sdk::ReadyNotices notices_;
};

} // namespace slipway::udevd
