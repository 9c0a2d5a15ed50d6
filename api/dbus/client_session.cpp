// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/client_session.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "dbus/status_objects.h"

namespace slipway {

struct ClientSession::Connection {
    explicit Connection(sd_bus *bus) : dbus(sdbus::createBusConnection(bus)) {}

    std::unique_ptr<sdbus::IConnection> dbus;
};

struct ClientSession::Tables {
    Tables(sdbus::IConnection &connection, const StatusBoard &board, BusRequests &requests,
           std::string answers_refused)
        : manager(connection, board, requests, std::move(answers_refused)), driver(connection) {}

    ManagerObject manager;
    DriverObject driver;
    Objects<std::string, UnitObject> units;
    Objects<std::string, DeviceObject> devices;
    Objects<BootMirror::PromptNumber, PromptObject> prompts;
};

ClientSession::ClientSession(sd_bus *connection, const StatusBoard &board, BusRequests &requests,
                             std::string answers_refused)
    : board_(board), connection_(std::make_unique<Connection>(connection)),
      tables_(std::make_unique<Tables>(*connection_->dbus, board, requests,
                                       std::move(answers_refused))),
      fd_(connection_->dbus->getEventLoopPollData().fd), next_log_line_(board.next_log_line()) {
    overall_version_ = board.overall().version;
    (void)publish();
    is_announcing_ = true;
}

// sdbus-c++ writes what is queued before it closes, and would wait for a client that does not read.
ClientSession::~ClientSession() {
    if (events_wanted() >= 0)
        (void)::shutdown(fd_, SHUT_RDWR);
}

// -1: the connection is closed already, and the number of its socket may be another file's.
int ClientSession::events_wanted() const noexcept {
    try {
        return connection_->dbus->getEventLoopPollData().events;
    } catch (const sdbus::Error &) {
        return -1;
    }
}

bool ClientSession::is_backed_up() const noexcept {
    const int events = events_wanted();
    return events >= 0 && (events & POLLOUT) != 0;
}

ClientSession::Progress ClientSession::process() {
    try {
        for (unsigned i = 0; i < kMessagesPerRound; ++i) {
            if (!connection_->dbus->processPendingEvent())
                return Progress::idle;
            if (is_backed_up())
                return Progress::idle;
        }
        return Progress::more;
    } catch (const std::exception &) {
        return Progress::over;
    }
}

bool ClientSession::publish() {
    try {
        remove_gone(tables_->prompts, board_.prompts());
        remove_gone(tables_->devices, board_.devices());
        remove_gone(tables_->units, board_.units());
        publish_all(tables_->prompts, board_.prompts());
        publish_all(tables_->units, board_.units());
        publish_all(tables_->devices, board_.devices());
        if (!is_backed_up() && overall_version_ != board_.overall().version) {
            overall_version_ = board_.overall().version;
            tables_->manager.announce_change();
        }
        publish_log();
        return true;
    } catch (const std::exception &) {
        return false;
    }
}

template <class Object, class Key, class Board>
void ClientSession::publish_all(Objects<Key, Object> &objects, const Board &board) {
    for (const auto &[key, entry] : board) {
        const auto known = objects.find(key);
        if (known != objects.end() && known->second.version == entry.version)
            continue;
        if (is_announcing_ && is_backed_up())
            return; // it will be told when it has read what it was told before
        if (known != objects.end()) {
            known->second.version = entry.version;
            known->second.object->announce_change();
            continue;
        }
        if (objects_ >= kMaxObjects)
            continue;
        ++objects_;
        auto object = std::make_unique<Object>(*connection_->dbus, board_, key);
        if (is_announcing_)
            object->emitInterfacesAddedSignal();
        objects.emplace(key, Shown<Object>{std::move(object), entry.version});
    }
}

template <class Object, class Key, class Board>
void ClientSession::remove_gone(Objects<Key, Object> &objects, const Board &board) {
    for (auto entry = objects.begin(); entry != objects.end();) {
        if (board.contains(entry->first)) {
            ++entry;
            continue;
        }
        if (is_backed_up())
            return;
        entry->second.object->emitInterfacesRemovedSignal();
        entry = objects.erase(entry);
        --objects_;
    }
}

// Of lines that the board has dropped meanwhile, nothing is told.
void ClientSession::publish_log() {
    next_log_line_ = std::max(next_log_line_, board_.first_log_line());
    while (next_log_line_ < board_.next_log_line() && !is_backed_up()) {
        const LogRecord &line = board_.log_line(next_log_line_++);
        tables_->manager.emitLogged(static_cast<std::uint32_t>(line.level),
                                    static_cast<std::uint64_t>(line.time.count()), line.text);
    }
}

} // namespace slipway
