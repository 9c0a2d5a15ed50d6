// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::sdk {

struct ChildOptions {
    std::vector<std::string> argv; // begins with an absolute path; no shell
    // "NAME=value", besides the parent's environment or, without it, alone.
    std::vector<std::string> environment{};
    bool inherits_environment = true;
    bool has_output = false; // standard output and errors go to ChildProgram::output()
    // From SIGTERM to SIGKILL, when the object ends before the program.
    std::chrono::milliseconds patience{3000};
};

// A program that runs beside its parent, and gets SIGTERM if that dies. It ends with this object:
// SIGTERM, and SIGKILL for one that is still there after its patience. SIGPIPE is ignored in it, as
// in the services of systemd.
class ChildProgram {
public:
    [[nodiscard]] static Result<ChildProgram> start(const ChildOptions &options);

    ChildProgram(ChildProgram &&other) noexcept = default;
    ChildProgram &operator=(ChildProgram &&) = delete;
    ChildProgram(const ChildProgram &) = delete;
    ChildProgram &operator=(const ChildProgram &) = delete;
    ~ChildProgram();

    // Readable when the program has ended. Borrowed.
    [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
    // What it writes; non-blocking. Borrowed; -1 if nobody asked for it.
    [[nodiscard]] int output() const noexcept { return output_.get(); }
    void send(int signal) const;
    // Waits for its end: "has ended with exit code 1", "was killed by signal 9". Called once.
    [[nodiscard]] std::string reap();

private:
    ChildProgram(UniqueFd pidfd, UniqueFd output, std::chrono::milliseconds patience)
        : pidfd_(std::move(pidfd)), output_(std::move(output)), patience_(patience) {}
    [[nodiscard]] bool ends_within(std::chrono::milliseconds limit) const;

    UniqueFd pidfd_; // none: there is no program any more
    UniqueFd output_;
    std::chrono::milliseconds patience_;
};

} // namespace slipway::sdk
