// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"

namespace slipway {

// A question in a file, as systemd's password agent specification has it: who asks writes
// /run/systemd/ask-password/ask.XXXX, agents show it to people and send the answer to its socket.
struct AskFile {
    static constexpr std::size_t kMaxBytes = 16U << 10U;
    static constexpr std::size_t kMaxMessageBytes = 512;
    static constexpr std::size_t kMaxSocketBytes = 107; // what fits sockaddr_un, unix(7)

    std::string file = {}; // its name in the directory; not part of the text
    pid_t pid = 0;         // of who asks; 0: not said
    std::string socket;    // absolute path of an AF_UNIX datagram socket
    std::string message;
    std::string id; // of what is asked for, may be empty
    bool echo = false;
    bool accept_cached = false;
    Duration not_after{0}; // CLOCK_MONOTONIC; zero: no limit
};

[[nodiscard]] std::string write_ask_file(const AskFile &ask);

// Reads untrusted text. Sections and keys that are not known are skipped. An error says what is
// wrong: without a socket that can be reached, nobody can be answered. Message and id come back
// printable.
[[nodiscard]] Result<AskFile> parse_ask_file(std::string_view text);

// What an agent sends: '+' and the secret, or '-' when the person refuses. Some send the secret
// with a zero byte behind it, or several with one behind each: the first counts.
struct AgentReply {
    bool is_answered = false;
    Secret secret;
};
// Nothing of `datagram` is kept but the secret; the caller wipes it. Error: neither '+' nor '-'.
[[nodiscard]] Result<AgentReply> parse_agent_reply(std::string_view datagram);
// The datagram itself, in locked memory. A secret that fills the memory loses its last byte.
[[nodiscard]] Secret agent_datagram(bool is_answered, const Secret &secret);

} // namespace slipway
