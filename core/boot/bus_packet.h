// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/text.h"

// What PID 1 and the bus process say to each other, one packet of a SOCK_SEQPACKET pair each. The
// first byte of a packet to the bus process is its kind; a packet to PID 1 is one line of the words
// that records are made of. PID 1 does not trust the other side: what is not exactly a command is
// nothing.
namespace slipway::bus {

// The descriptors that the bus process is started with.
inline constexpr int kListenerFd = 3;
inline constexpr int kChannelFd = 4;

inline constexpr std::size_t kMaxPiece = std::size_t{32} << 10U; // of the record in one packet
inline constexpr std::size_t kMaxCommandBytes = 4096;

enum class Kind : char {
    record = 'r',       // a piece of the record
    whole_record = 'w', // the same; with it, the record ends with a whole step
    log = 'l',          // a LogLine
    lost_log = 'm',     // so many lines of the log were lost before they could be sent
    reply = 'a',        // a Reply
    farewell = 'x'      // the real root is entered now
};

// ---- PID 1 → bus process
struct Reply {
    std::uint32_t serial = 0; // of the command
    std::string problem;      // empty: it was accepted

    [[nodiscard]] bool operator==(const Reply &) const = default;
};

// Without the byte of the kind.
[[nodiscard]] std::string encode(const LogRecord &line);
[[nodiscard]] std::optional<LogRecord> decode_log_line(std::string_view text);
[[nodiscard]] std::string encode(const Reply &reply);
[[nodiscard]] std::optional<Reply> decode_reply(std::string_view text);

// ---- bus process → PID 1
struct Command {
    enum class Verb : std::uint8_t {
        retry,
        skip,
        set_deadline,
        go_on, // from a break
        note   // PID 1 logs `text`
    };
    std::uint32_t serial = 0;
    Verb verb = Verb::retry;
    std::string text; // the unit, or the note
    Duration time{0}; // of set_deadline; zero: no limit

    [[nodiscard]] bool operator==(const Command &) const = default;
};

[[nodiscard]] std::string encode(const Command &command);
[[nodiscard]] std::optional<Command> decode_command(std::string_view packet);

} // namespace slipway::bus
