// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::fs {

// What a check touches of the system, except the checker itself, which slipway runs.
class CheckBackend {
public:
    CheckBackend() = default;
    CheckBackend(const CheckBackend &) = delete;
    CheckBackend &operator=(const CheckBackend &) = delete;
    CheckBackend(CheckBackend &&) = delete;
    CheckBackend &operator=(CheckBackend &&) = delete;
    virtual ~CheckBackend() = default;

    // Exactly `count` bytes; a shorter device is an error.
    [[nodiscard]] virtual Result<std::vector<std::byte>>
    read(const std::string &devnode, std::size_t offset, std::size_t count) = 0;
    // Absolute path of fsck.<type>, or "" if the image has none.
    [[nodiscard]] virtual std::string find_checker(std::string_view type) = 0;
    // Keeps udevd from probing the disk, and what is on it, until the descriptor is closed: it
    // would call the device not ready in the middle of a check. Waits for a probe that runs.
    [[nodiscard]] virtual Result<UniqueFd> lock_disk(const std::string &devnode) = 0;
    // Seconds since 1970.
    [[nodiscard]] virtual std::int64_t now() = 0;
    // /run/initramfs/fsck.log; the output of earlier checks stays.
    [[nodiscard]] virtual Result<> append_log(std::string_view text) = 0;
    // Makes /run/initramfs/<marker>, as "fsck-root": the host need not check again.
    [[nodiscard]] virtual Result<> mark_checked(std::string_view marker) = 0;
};

} // namespace slipway::fs
