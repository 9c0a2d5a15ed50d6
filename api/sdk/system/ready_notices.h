// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::sdk {

// Does a message of sd_notify(3) say that the service can be used?
[[nodiscard]] bool says_ready(std::string_view message);

// Where a program says with sd_notify(3) that it can be used: a socket in the abstract namespace,
// so that no file is left behind.
class ReadyNotices {
public:
    // `name`: of the program, for the address. One per name and process.
    [[nodiscard]] static Result<ReadyNotices> open(std::string_view name);

    // For the program: "NOTIFY_SOCKET=@…".
    [[nodiscard]] std::string environment() const { return "NOTIFY_SOCKET=" + address_; }
    // Readable when there is a message. Borrowed.
    [[nodiscard]] int fd() const noexcept { return socket_.get(); }
    // Reads one message, without waiting for it: does it say that the program is ready?
    [[nodiscard]] bool take_ready() const;

private:
    ReadyNotices(UniqueFd socket, std::string address)
        : socket_(std::move(socket)), address_(std::move(address)) {}

    UniqueFd socket_;
    std::string address_; // "@" stands for the zero byte in front
};

} // namespace slipway::sdk
