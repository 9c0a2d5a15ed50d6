// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/ask_file.h"

#include <charconv>
#include <cstdint>
#include <format>
#include <limits>
#include <optional>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::string_view kSection = "[Ask]";
constexpr std::size_t kMaxIdBytes = 256;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return number;
}

// "/run/x": no way out of what unix(7) takes, and none of the abstract names.
bool is_socket_path(std::string_view path) {
    return path.starts_with('/') && path.size() <= AskFile::kMaxSocketBytes &&
           path.find('\0') == std::string_view::npos;
}

Result<> take_key(AskFile &ask, std::string_view key, std::string_view value) {
    if (key == "Message") {
        ask.message = trimmed(printable(value, AskFile::kMaxMessageBytes));
    } else if (key == "Id") {
        ask.id = trimmed(printable(value, kMaxIdBytes));
    } else if (key == "Socket") {
        if (!is_socket_path(value))
            return failure("Socket= is not the path of a socket: " + printable(value, 120));
        ask.socket = value;
    } else if (key == "Echo") {
        ask.echo = parse_boolean(value).value_or(false);
    } else if (key == "AcceptCached") {
        ask.accept_cached = parse_boolean(value).value_or(false);
    } else if (key == "PID") {
        const auto pid = number_of<pid_t>(value);
        if (!pid || *pid <= 0)
            return failure("PID= is not a process: " + printable(value, 40));
        ask.pid = *pid;
    } else if (key == "NotAfter") {
        const auto when = number_of<std::uint64_t>(value);
        if (!when)
            return failure("NotAfter= is not a time: " + printable(value, 40));
        // All ones: systemd's way to say "never".
        if (*when <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            ask.not_after = Duration(static_cast<std::int64_t>(*when));
    }
    return {};
}

} // namespace

std::string write_ask_file(const AskFile &ask) {
    std::string text = std::format(
        "{}\nSocket={}\nAcceptCached={}\nEcho={}\nNotAfter={}\nMessage={}\nIcon=drive-harddisk\n",
        kSection, ask.socket, ask.accept_cached ? 1 : 0, ask.echo ? 1 : 0, ask.not_after.count(),
        printable(ask.message, AskFile::kMaxMessageBytes));
    if (ask.pid > 0)
        text += std::format("PID={}\n", ask.pid);
    if (!ask.id.empty())
        text += std::format("Id={}\n", printable(ask.id, kMaxIdBytes));
    return text;
}

Result<AskFile> parse_ask_file(std::string_view text) {
    if (text.size() > AskFile::kMaxBytes)
        return failure(std::format("it is longer than {} bytes", AskFile::kMaxBytes));
    AskFile ask;
    bool is_ask_section = false;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.starts_with('['))
            is_ask_section = line == kSection;
        const std::size_t equals = line.find('=');
        if (!is_ask_section || equals == std::string_view::npos || line.starts_with('#') ||
            line.starts_with(';') || line.starts_with('['))
            continue;
        if (auto taken =
                take_key(ask, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
            !taken)
            return std::unexpected(std::move(taken.error()));
    }
    if (ask.socket.empty())
        return failure("it names no socket to answer to");
    if (ask.message.empty())
        ask.message = "Password";
    return ask;
}

Result<AgentReply> parse_agent_reply(std::string_view datagram) {
    if (datagram == "-")
        return AgentReply{};
    if (!datagram.starts_with('+'))
        return failure("a password agent sent something that is not an answer");
    datagram.remove_prefix(1);
    return AgentReply{true, Secret(datagram.substr(0, datagram.find('\0')))};
}

Secret agent_datagram(bool is_answered, const Secret &secret) {
    Secret datagram;
    (void)datagram.append(is_answered ? '+' : '-');
    for (const char byte : is_answered ? secret.view() : std::string_view()) {
        if (!datagram.append(byte))
            break;
    }
    return datagram;
}

} // namespace slipway
