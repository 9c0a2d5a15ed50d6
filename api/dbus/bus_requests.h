// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "boot/bus_packet.h"
#include "dbus/boot_mirror.h"

namespace slipway {

// What clients may ask of the boot.
class BusRequests {
public:
    // Empty: PID 1 has accepted the command.
    using Done = std::function<void(const std::string &problem)>;

    BusRequests() = default;
    BusRequests(const BusRequests &) = delete;
    BusRequests &operator=(const BusRequests &) = delete;
    BusRequests(BusRequests &&) = delete;
    BusRequests &operator=(BusRequests &&) = delete;
    virtual ~BusRequests() = default;

    // `done` runs once, from the event loop or at once. The serial is filled in.
    virtual void command(bus::Command command, Done done) = 0;
    [[nodiscard]] virtual Result<> answer(BootMirror::PromptNumber prompt,
                                          const Secret &secret) = 0;
    // For the log of the boot.
    virtual void note(const std::string &text) = 0;
};

} // namespace slipway
