// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/unique_fd.h"
#include "nfs/nfs_backend.h"

namespace slipway::nfs {

// TCP connections to several addresses at once, none of which is used.
class ConnectionRace {
public:
    // `address` in numbers. What goes wrong becomes its result.
    void start(const Address &address, std::uint16_t port);
    // As NfsBackend::connect().
    [[nodiscard]] std::vector<int> wait(std::chrono::milliseconds limit);

private:
    // Takes in what has been decided, waiting for it. False: nothing more can be learnt.
    bool collect(std::chrono::milliseconds limit);
    [[nodiscard]] bool is_decided() const;

    std::vector<UniqueFd> sockets_;
    std::vector<int> results_; // EINPROGRESS: not decided
};

} // namespace slipway::nfs
