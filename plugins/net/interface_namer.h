// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.h"

namespace slipway::net {

// Our verb for the host's udev, which decides what network interfaces are called.
class InterfaceNamer {
public:
    InterfaceNamer() = default;
    InterfaceNamer(const InterfaceNamer &) = delete;
    InterfaceNamer &operator=(const InterfaceNamer &) = delete;
    InterfaceNamer(InterfaceNamer &&) = delete;
    InterfaceNamer &operator=(InterfaceNamer &&) = delete;
    virtual ~InterfaceNamer() = default;

    // The name that udev would give the interface with this path ("/sys/devices/…/net/eth0"); the
    // one that it has if it keeps it. Changes nothing. The name can be given to an interface. An
    // error says whether the image or the interface is to blame.
    [[nodiscard]] virtual Result<std::string> name_of(const std::string &syspath) = 0;
};

} // namespace slipway::net
