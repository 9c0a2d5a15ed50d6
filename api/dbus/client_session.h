// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "dbus/bus_requests.h"
#include "dbus/status_board.h"

struct sd_bus;

namespace slipway {

// One client that has shown who it is: its connection and its objects. Reads no further message
// while the client has not read the answers to the ones before, so what is kept for it is bounded.
class ClientSession {
public:
    // Objects beyond this are listed, but cannot be looked at: a machine with 10,000 disks.
    static constexpr std::size_t kMaxObjects = 4096;
    // Messages of one client between two looks at the others.
    static constexpr unsigned kMessagesPerRound = 16;

    // Takes over the connection. `answers_refused`: as of ManagerObject. Throws sdbus::Error when
    // it is of no use.
    ClientSession(sd_bus *connection, const StatusBoard &board, BusRequests &requests,
                  std::string answers_refused);
    ClientSession(const ClientSession &) = delete;
    ClientSession &operator=(const ClientSession &) = delete;
    ClientSession(ClientSession &&) = delete;
    ClientSession &operator=(ClientSession &&) = delete;
    ~ClientSession();

    enum class Progress : std::uint8_t {
        idle, // nothing to do until the socket is ready
        more, // there is more to do at once
        over  // the client is gone, or has sent what is no D-Bus
    };
    [[nodiscard]] Progress process();
    // Tells the client what it does not know yet, unless it is backed up. False: it is gone.
    [[nodiscard]] bool publish();

    // It has not read yet what was sent to it.
    [[nodiscard]] bool is_backed_up() const noexcept;
    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    struct Connection; // hides sdbus-c++
    template <class Object>
    struct Shown {
        std::unique_ptr<Object> object;
        std::uint64_t version = 0;
    };
    template <class Key, class Object>
    using Objects = std::map<Key, Shown<Object>>;

    template <class Object, class Key, class Board>
    void publish_all(Objects<Key, Object> &objects, const Board &board);
    template <class Object, class Key, class Board>
    void remove_gone(Objects<Key, Object> &objects, const Board &board);
    void publish_log();
    [[nodiscard]] int events_wanted() const noexcept;

    const StatusBoard &board_;
    std::unique_ptr<Connection> connection_; // before its objects
    struct Tables;
    std::unique_ptr<Tables> tables_;
    int fd_; // borrowed
    std::uint64_t overall_version_ = 0;
    std::uint64_t next_log_line_ = 0;
    std::size_t objects_ = 0;
    bool is_announcing_ = false; // not while the client gets its first objects
};

} // namespace slipway
