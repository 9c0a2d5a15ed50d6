// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/end_signal.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

namespace slipway::sdk {

Result<UniqueFd> catch_end_signal() {
    sigset_t mask;
    (void)::sigemptyset(&mask);
    (void)::sigaddset(&mask, SIGTERM);
    if (::sigprocmask(SIG_BLOCK, &mask, nullptr) != 0)
        return errno_failure("hold back SIGTERM", errno);
    UniqueFd fd(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd)
        return errno_failure("wait for SIGTERM", errno);
    return fd;
}

} // namespace slipway::sdk
