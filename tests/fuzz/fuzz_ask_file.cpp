// SPDX-License-Identifier: LGPL-2.1-or-later
// A question that somebody left in /run/systemd/ask-password, and an agent's reply: the input's
// second part.
#include "boot/ask_file.h"
#include "fuzz/input.h"
#include "fuzz/require.h"

using namespace slipway;
using fuzz::require;

namespace {

void check_question(std::string_view text) {
    const auto ask = parse_ask_file(text);
    if (!ask) {
        require(!ask.error().message().empty(), "what is wrong is said");
        return;
    }
    require(ask->socket.starts_with('/') && ask->socket.size() <= AskFile::kMaxSocketBytes &&
                ask->socket.find('\0') == std::string::npos,
            "the socket has a path", ask->socket);
    require(!ask->message.empty() && ask->message.size() <= AskFile::kMaxMessageBytes,
            "there is something to show", ask->message);
    require(printable(ask->message, ask->message.size()) == ask->message,
            "a message cannot drive a terminal", ask->message);
    require(ask->pid >= 0 && ask->not_after.count() >= 0, "numbers are not negative");
    // Once read, it has one form.
    const std::string written = write_ask_file(*ask);
    const auto again = parse_ask_file(written);
    require(again && write_ask_file(*again) == written, "what is written can be read", written);
    require(again->socket == ask->socket && again->echo == ask->echo,
            "what is written says the same", written);
}

void check_reply(std::string_view datagram) {
    const auto reply = parse_agent_reply(datagram);
    if (!reply)
        return;
    require(reply->is_answered == datagram.starts_with('+'), "a plus answers");
    require(reply->secret.size() < datagram.size(), "the secret is a part of the reply");
    require(reply->secret.view().find('\0') == std::string_view::npos, "one secret");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    check_question(parts[0]);
    if (parts.size() > 1)
        check_reply(parts[1]);
    return 0;
}
