// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/answer_trace.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "busport/client_stream.h"

namespace slipway::busport {

// Carries bytes between a virtio-serial port and the socket of the status interface, for one client
// on the host's side after the other. Each gets a connection of its own, made when its first byte
// is there: as long as nobody comes, the bus process is not even started.
class Forwarder {
public:
    // A client that could not be served: why.
    using Notice = std::function<void(const std::string &)>;

    // How long the host's end may look unconnected before its client counts as gone. The driver
    // takes the bytes of the next client in an interrupt, but the word that it has come in a queue
    // that is worked off later.
    static constexpr std::chrono::milliseconds kGrace{1000};

    // Where clients are carried to, and as whom. Without a trace they are as those of this machine.
    struct Destination {
        std::string socket; // its path
        std::optional<AnswerTrace> trace;
    };

    // `port` does not block.
    Forwarder(UniqueFd port, Destination destination, Notice notice,
              std::chrono::milliseconds grace = kGrace);
    Forwarder(const Forwarder &) = delete;
    Forwarder &operator=(const Forwarder &) = delete;
    Forwarder(Forwarder &&) = delete;
    Forwarder &operator=(Forwarder &&) = delete;
    ~Forwarder();

    // Until `stop` is readable; -1: for ever. Error: the port is gone.
    [[nodiscard]] Result<> run(int stop);
    // A client has sent something.
    [[nodiscard]] bool has_served() const noexcept { return has_served_; }

private:
    // Answers to questions pass through: what was sent is wiped.
    class Buffer {
    public:
        [[nodiscard]] bool is_empty() const noexcept { return begin_ == end_; }
        [[nodiscard]] std::string_view view() const noexcept {
            return {bytes_.data() + begin_, end_ - begin_};
        }
        [[nodiscard]] std::span<char> room() noexcept { return bytes_; }
        void fill(std::size_t size) noexcept;
        void take(std::size_t size) noexcept;
        void clear() noexcept { take(end_ - begin_); }

    private:
        std::array<char, 4096> bytes_{}; // as large as what the driver hands on at once
        std::size_t begin_ = 0;
        std::size_t end_ = 0;
    };

    [[nodiscard]] Result<> watch_port();
    [[nodiscard]] Result<> move_all();
    // True: something was moved.
    [[nodiscard]] Result<bool> move_in();
    [[nodiscard]] Result<bool> read_port();
    [[nodiscard]] bool send_to_bus();
    [[nodiscard]] Result<bool> move_out();
    [[nodiscard]] bool receive_from_bus();
    void connect_bus();
    void hang_up();
    // The connection to the bus has ended by itself.
    void lose_bus();
    // `stop` is readable: as far as the host reads at once, its client hears that it is over.
    void take_leave();
    // False: `stop` is readable.
    [[nodiscard]] bool wait(int stop);

    UniqueFd port_;
    Destination destination_;
    Notice notice_;
    UniqueFd edges_; // becomes readable with each change at the port
    UniqueFd bus_;
    ClientStream stream_;
    Buffer in_;  // from the port
    Buffer out_; // from the bus
    std::chrono::milliseconds grace_;
    bool is_unconnected_ = false; // the host's end, as far as the driver knows
    bool owes_farewell_ = false;  // to the client
    bool has_served_ = false;
    std::size_t piece_ = 0; // of in_: bytes that are for bus_
};

} // namespace slipway::busport
