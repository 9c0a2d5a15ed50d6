// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

// Neither end survives an exec.
[[nodiscard]] inline Result<Pipe> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return errno_failure("make a pipe", errno);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

} // namespace slipway
