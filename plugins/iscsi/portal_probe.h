// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace slipway::iscsi {

// What a look at a portal has found.
struct Reach {
    enum class State {
        answers,
        no_route, // no interface that is up leads there; another one may
        failed,   // there is a way, but nobody answers, or not yet
    };
    State state = State::failed;
    std::string reason;         // for people; empty: it answers
    std::string interface_name; // that leads there; empty: not known
};

// What this plugin wants to know from the network before it logs in: the initiator itself tells
// little, and late.
class PortalProbe {
public:
    PortalProbe() = default;
    PortalProbe(const PortalProbe &) = delete;
    PortalProbe &operator=(const PortalProbe &) = delete;
    PortalProbe(PortalProbe &&) = delete;
    PortalProbe &operator=(PortalProbe &&) = delete;
    virtual ~PortalProbe() = default;

    // The addresses of a host name, or the address itself; at least one. Blocks as long as the
    // resolver does, see resolv.conf(5).
    [[nodiscard]] virtual Result<std::vector<std::string>> resolve(const std::string &server) = 0;

    // Opens a TCP connection and closes it at once; a few seconds at most. `netdev`: the interface
    // that must be used, or empty.
    [[nodiscard]] virtual Reach connect(const std::string &address, std::uint16_t port,
                                        const std::string &netdev) = 0;
};

} // namespace slipway::iscsi
