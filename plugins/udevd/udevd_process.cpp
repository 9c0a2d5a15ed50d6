// SPDX-License-Identifier: LGPL-2.1-or-later
#include "udevd_process.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>

namespace slipway::udevd {

namespace {

using Clock = std::chrono::steady_clock;

// Readable ones of the two within the limit; a negative limit waits for ever.
struct Readable {
    bool first = false;
    bool second = false;
};
Readable wait_for(int first, int second, std::chrono::milliseconds limit) {
    std::array<pollfd, 2> polls{pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
    int count = 0;
    do
        count = ::poll(polls.data(), polls.size(), static_cast<int>(limit.count()));
    while (count < 0 && errno == EINTR);
    return {.first = polls[0].revents != 0, .second = polls[1].revents != 0};
}

} // namespace

Result<UdevdProcess> UdevdProcess::start(const std::vector<std::string> &argv) {
    auto notices = sdk::ReadyNotices::open("udevd");
    if (!notices)
        return std::unexpected(std::move(notices).error());
    auto program = sdk::ChildProgram::start(
        {.argv = argv,
         // Errors only: without users every rule that names a group is a warning.
         // rd.udev.log_level= wins over this.
         .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_LOG_TARGET=kmsg",
                         "SYSTEMD_LOG_LEVEL=err", notices->environment()},
         .inherits_environment = false,
         .patience = kPatience});
    if (!program)
        return std::unexpected(std::move(program).error());
    return UdevdProcess(std::move(*program), std::move(*notices));
}

Result<> UdevdProcess::wait_until_ready(std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    while (true) {
        const auto left =
            std::max(std::chrono::milliseconds(0),
                     std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()));
        const Readable readable = wait_for(notices_.fd(), program_.pidfd(), left);
        if (readable.first) {
            if (notices_.take_ready())
                return {};
        } else if (readable.second) {
            return failure(program_.reap());
        } else {
            return failure(
                std::format("did not say within {} s that it is ready",
                            std::chrono::duration_cast<std::chrono::seconds>(limit).count()));
        }
    }
}

std::string UdevdProcess::wait_for_end(int stop) {
    const Readable readable = wait_for(stop, program_.pidfd(), std::chrono::milliseconds(-1));
    return readable.first || !readable.second ? std::string() : program_.reap();
}

} // namespace slipway::udevd
