// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::busport {

// Tells where in the bytes that come in at a port the next client begins.
//
// A port is one stream, and the kernel only wakes its reader when a client on the host's side goes
// or comes: if both happen in one moment, the second client's first bytes stand right behind the
// last ones of the first. But a D-Bus client begins with a zero byte (D-Bus specification,
// "Authentication Protocol"), which no line of the handshake holds and no message begins with. So
// the handshake and the lengths of the messages are followed; what is in them is not looked at, nor
// kept.
class ClientStream {
public:
    struct Piece {
        std::size_t size;
        bool is_beginning; // of a new client
    };

    // The first bytes of `bytes`, which are not empty, that belong to one client. Call again with
    // the rest.
    [[nodiscard]] Piece next(std::string_view bytes);
    // The client is known to be gone.
    void reset();

private:
    // What the next byte belongs to. `unknown`: what came is no D-Bus, and nothing ends it but
    // reset().
    enum class State : std::uint8_t { nobody, handshake, header, body, unknown };

    static constexpr std::size_t kHeaderBytes = 16;
    static constexpr std::size_t kMaxMessageBytes = std::size_t{128} << 20U; // of the specification
    static constexpr std::size_t kMaxLineBytes = 16; // no longer ones are of interest

    [[nodiscard]] bool begins_with(char byte) const noexcept;
    // At least one of them; how many.
    std::size_t take(std::string_view bytes);
    void take_of_handshake(char byte);
    std::size_t take_of_header(std::string_view bytes);
    void read_header();
    [[nodiscard]] std::uint32_t number_at(std::size_t offset) const noexcept;

    State state_ = State::nobody;
    std::string line_;                        // of the handshake, so far
    std::array<char, kHeaderBytes> header_{}; // of a message, so far
    std::size_t in_header_ = 0;               // bytes of it
    std::size_t left_of_message_ = 0;         // behind the header
};

} // namespace slipway::busport
