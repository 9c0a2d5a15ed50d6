// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/unique_fd.h"
#include "device/uevent.h"
#include "event/event_loop.h"

namespace slipway {

// Receives the kernel's uevents: netlink(7), NETLINK_KOBJECT_UEVENT, group 1. Messages that other
// programs send to the socket are dropped. Owned by main, in PID 1; open it before coldplug.
class UeventSource {
public:
    // They must not destroy the UeventSource.
    struct Handlers {
        std::function<void(Uevent)> device;
        // The kernel dropped events because the buffer was full: run coldplug again.
        std::function<void()> overflow;
        // A message that is of no use, or a socket that cannot be read; for the log.
        std::function<void(const Error &)> problem;
    };

    [[nodiscard]] static Result<std::unique_ptr<UeventSource>> open(EventLoop &loop,
                                                                    Handlers handlers);
    UeventSource(const UeventSource &) = delete;
    UeventSource &operator=(const UeventSource &) = delete;
    UeventSource(UeventSource &&) = delete;
    UeventSource &operator=(UeventSource &&) = delete;
    ~UeventSource() = default;

    // Borrowed; for tests.
    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

private:
    UeventSource(UniqueFd socket, Handlers handlers)
        : socket_(std::move(socket)), handlers_(std::move(handlers)) {}
    void receive_some();
    [[nodiscard]] bool receive_one();

    UniqueFd socket_;
    Handlers handlers_;
    EventSourcePtr source_; // ends before the socket
};

} // namespace slipway
