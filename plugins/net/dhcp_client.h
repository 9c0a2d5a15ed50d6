// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/lease.h"

namespace slipway::net {

// What is asked for on one interface.
struct DhcpRequest {
    std::string interface{};
    bool uses_dhcp4 = true;
    // Router advertisements; they say as well whether DHCPv6 is to be used.
    bool uses_advertisements = false;
    // DHCPv6 also without an advertisement that says so.
    bool uses_dhcp6 = false;
    std::string host_name{};    // sent to the server; empty: none
    std::string vendor_class{}; // option 60; empty: none
};

struct DhcpEvent {
    enum class Kind : std::uint8_t {
        got,     // the first lease from this source
        changed, // another one than before
        renewed, // the same one
        lost,    // the lease from lease.source is not valid any more
        cable,   // it was plugged in or out, see has_cable; until the first of these it is there
        note,    // nothing of this: a line of the client's log, or complaints only
    };
    Kind kind = Kind::note;
    Lease lease{};
    std::vector<std::string> complaints{}; // fields that were refused, printable
    std::string text{};                    // printable; of `note`: the line
    bool has_cable = true;                 // of `cable`
};

// Our verbs for the program that speaks DHCPv4, DHCPv6 and router advertisements on an interface.
// It brings the interface up, gives it the addresses and routes, and keeps the leases alive.
class DhcpClient {
public:
    // False: enough, end the client. The addresses and routes stay, as they do whenever it ends.
    using Callback = std::function<bool(const DhcpEvent &)>;

    DhcpClient() = default;
    DhcpClient(const DhcpClient &) = delete;
    DhcpClient &operator=(const DhcpClient &) = delete;
    DhcpClient(DhcpClient &&) = delete;
    DhcpClient &operator=(DhcpClient &&) = delete;
    virtual ~DhcpClient() = default;

    // Runs until the callback has enough; returns then. Every other end is an error that says why:
    // the client could not be started, or has ended by itself. It asks as long as nobody answers.
    // One per interface at a time. If this process dies, the client ends as well.
    [[nodiscard]] virtual Result<> run(const DhcpRequest &request, const Callback &callback) = 0;
};

} // namespace slipway::net
