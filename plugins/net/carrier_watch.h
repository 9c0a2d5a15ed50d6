// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::net {

// Tells when the cable of one interface is plugged in (again). rtnetlink(7).
class CarrierWatch {
public:
    // ENODEV: there is no such interface.
    [[nodiscard]] static Result<CarrierWatch> open(const std::string &interface);

    // Becomes readable when there may be news. Borrowed.
    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

    // Reads what is there, without blocking. True if the cable came since the last call.
    [[nodiscard]] bool has_come();
    // As of that call. True as well while it cannot be told, because the interface is down.
    [[nodiscard]] bool is_there() const noexcept { return is_there_; }

private:
    CarrierWatch(UniqueFd socket, int index, bool is_there)
        : socket_(std::move(socket)), index_(index), is_there_(is_there) {}
    bool read_block(const char *block, std::size_t size);

    UniqueFd socket_;
    int index_;
    bool is_there_;
};

} // namespace slipway::net
