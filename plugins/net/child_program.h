// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::net {

// A program that runs beside its parent, and gets SIGTERM if that dies. It ends with this object:
// SIGTERM, and SIGKILL after 3 s.
class ChildProgram {
public:
    // Standard output and errors go to log(). `argv` begins with an absolute path; no shell.
    [[nodiscard]] static Result<ChildProgram> start(const std::vector<std::string> &argv);

    ChildProgram(ChildProgram &&other) noexcept = default;
    ChildProgram &operator=(ChildProgram &&) = delete;
    ChildProgram(const ChildProgram &) = delete;
    ChildProgram &operator=(const ChildProgram &) = delete;
    ~ChildProgram();

    // Readable when the program has ended. Borrowed.
    [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
    // What it writes; non-blocking. Borrowed.
    [[nodiscard]] int log() const noexcept { return log_.get(); }
    void send(int signal) const;
    // After pidfd() became readable: "has ended with exit code 1", "was killed by signal 9".
    [[nodiscard]] std::string reap();

private:
    ChildProgram(UniqueFd pidfd, UniqueFd log) : pidfd_(std::move(pidfd)), log_(std::move(log)) {}
    [[nodiscard]] bool ends_within(std::chrono::milliseconds limit) const;

    UniqueFd pidfd_; // none: there is no program any more
    UniqueFd log_;
};

} // namespace slipway::net
