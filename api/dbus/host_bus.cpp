// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/host_bus.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "dbus/client_session.h"
#include "dbus/status_objects.h"

namespace slipway {

namespace {

constexpr const char *kOver = "the boot is over";

} // namespace

struct HostBus::Connection {
    Connection(const StatusBoard &board, BusRequests &requests)
        : dbus(sdbus::createSystemBusConnection()), manager(*dbus, board, requests, kOver) {
        add(units, board.units(), board);
        add(devices, board.devices(), board);
    }

    template <class Object, class Shelf>
    void add(std::vector<std::unique_ptr<Object>> &objects, const Shelf &shelf,
             const StatusBoard &board) {
        for (const auto &[key, entry] : shelf) {
            if (units.size() + devices.size() >= ClientSession::kMaxObjects)
                return;
            objects.push_back(std::make_unique<Object>(*dbus, board, key));
        }
    }

    std::unique_ptr<sdbus::IConnection> dbus; // before its objects
    ManagerObject manager;
    std::vector<std::unique_ptr<UnitObject>> units;
    std::vector<std::unique_ptr<DeviceObject>> devices;
};

HostBus::HostBus(EventLoop &loop, const StatusBoard &board, Duration idle)
    : loop_(loop), board_(board), idle_(idle) {}

HostBus::~HostBus() = default;

Result<> HostBus::start() {
    try {
        connection_ = std::make_unique<Connection>(board_, *this);
        connection_->dbus->requestName(sdbus::ServiceName(kBusName));
    } catch (const sdbus::Error &error) {
        return failure(std::string("cannot be ") + kBusName +
                       " on the system bus: " + error.getMessage());
    }
    rest();
    process(); // what came with the name
    if (!source_ || !end_)
        return failure("the event loop refuses the connection to the system bus");
    return {};
}

void HostBus::command(bus::Command /*command*/, Done done) {
    done(kOver);
}

Result<> HostBus::answer(BootMirror::PromptNumber /*prompt*/, const Secret & /*secret*/) {
    return failure(kOver, EPERM);
}

// There is no log of a boot any more.
void HostBus::note(const std::string & /*text*/) {}

Result<> HostBus::watch() {
    const auto poll = connection_->dbus->getEventLoopPollData();
    const auto events = static_cast<std::uint32_t>(poll.events);
    if (source_ && events == events_)
        return {};
    source_.reset(); // the loop takes a descriptor once
    auto source = loop_.watch_fd(poll.fd, events, [this](std::uint32_t) { process(); });
    if (!source)
        return std::unexpected(std::move(source).error());
    source_ = std::move(*source);
    events_ = events;
    return {};
}

void HostBus::process() {
    soon_.reset();
    try {
        unsigned messages = 0;
        while (messages < kMessagesPerRound && connection_->dbus->processPendingEvent())
            ++messages;
        if (messages > 0)
            rest();
        if (messages == kMessagesPerRound) {
            auto timer = loop_.at(loop_.now(), [this] { process(); });
            soon_ = timer ? std::move(*timer) : nullptr;
        }
        if (!watch())
            loop_.stop(1);
    } catch (const sdbus::Error &) {
        loop_.stop(1); // the bus is gone
    }
}

void HostBus::rest() {
    auto timer = loop_.at(loop_.now() + idle_, [this] { leave(); });
    end_ = timer ? std::move(*timer) : nullptr;
}

// Without the name nobody sends more, and what was sent before is answered: no caller meets the gap
// between this process and the next.
void HostBus::leave() {
    try {
        connection_->dbus->releaseName(sdbus::ServiceName(kBusName));
        while (connection_->dbus->processPendingEvent()) {
        }
        loop_.stop(0);
    } catch (const sdbus::Error &) {
        loop_.stop(1);
    }
}

} // namespace slipway
