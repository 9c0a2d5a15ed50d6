// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::udevd {

// Does a datagram of sd_notify(3) say that the service can be used?
[[nodiscard]] bool says_ready(std::string_view message);

// A daemon that tells with sd_notify(3) when it can be used. It dies with its parent, and ends with
// this object: SIGTERM, and SIGKILL for who is still there after kPatience.
class UdevdProcess {
public:
    // Shorter than what PID 1 leaves a worker that it ends.
    static constexpr std::chrono::milliseconds kPatience{1500};

    // `argv` begins with an absolute path; no shell.
    [[nodiscard]] static Result<UdevdProcess> start(const std::vector<std::string> &argv);

    UdevdProcess(UdevdProcess &&other) noexcept = default;
    UdevdProcess &operator=(UdevdProcess &&) = delete;
    UdevdProcess(const UdevdProcess &) = delete;
    UdevdProcess &operator=(const UdevdProcess &) = delete;
    ~UdevdProcess();

    // Error: it has ended instead, or said nothing for so long.
    [[nodiscard]] Result<> wait_until_ready(std::chrono::milliseconds limit);
    // Until it ends, with "" until `stop` is readable, and at the end how it has ended: "has ended
    // with exit code 1". Called once.
    [[nodiscard]] std::string wait_for_end(int stop);

private:
    UdevdProcess(UniqueFd pidfd, UniqueFd notices)
        : pidfd_(std::move(pidfd)), notices_(std::move(notices)) {}
    void send(int signal) const;
    [[nodiscard]] std::string reap();

    UniqueFd pidfd_; // none: it has ended
    UniqueFd notices_;
};

} // namespace slipway::udevd
