// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/server_text.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <format>

#include "base/text.h"

namespace slipway::nfs {

namespace {

constexpr std::size_t kMaxServers = 8;
constexpr std::size_t kMaxNameBytes = 253; // RFC 1035, without the dot at the end
constexpr std::size_t kMaxZoneBytes = 15;  // IFNAMSIZ

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view text, std::string_view more) {
    return !text.empty() && is_letter_or_digit(text.front()) &&
           std::ranges::all_of(text,
                               [&](char c) { return is_letter_or_digit(c) || more.contains(c); });
}

bool is_host_name(std::string_view text) {
    return text.size() <= kMaxNameBytes && is_name(text, ".-_") && !text.contains("..");
}

bool is_numeric(int family, std::string_view text) {
    in6_addr address{};
    // What comes behind a NUL would not be looked at.
    return text.size() < INET6_ADDRSTRLEN && !text.contains('\0') &&
           ::inet_pton(family, std::string(text).c_str(), &address) == 1;
}

Result<std::string> parse_server(std::string_view text) {
    const bool is_bracketed = text.starts_with('[') && text.ends_with(']');
    const std::string_view server = is_bracketed ? text.substr(1, text.size() - 2) : text;
    if (is_address_v6(server) || (!is_bracketed && is_host_name(server)))
        return std::string(server);
    return failure(std::format("\"{}\" is neither a host name nor an address (an IPv6 address "
                               "stands in brackets)",
                               printable(text, 80)));
}

} // namespace

bool is_address_v6(std::string_view text) {
    const std::size_t percent = text.find('%');
    if (percent == std::string_view::npos)
        return is_numeric(AF_INET6, text);
    const std::string_view zone = text.substr(percent + 1);
    return is_numeric(AF_INET6, text.substr(0, percent)) && zone.size() <= kMaxZoneBytes &&
           is_name(zone, ".-_");
}

bool is_address(std::string_view text) {
    return is_numeric(AF_INET, text) || is_address_v6(text);
}

Result<std::vector<std::string>> parse_servers(std::string_view text) {
    std::vector<std::string> servers;
    for (const std::string &word : split_words(text, ",")) {
        auto server = parse_server(word);
        if (!server)
            return std::unexpected(std::move(server).error());
        if (!std::ranges::contains(servers, *server))
            servers.push_back(*std::move(server));
    }
    if (servers.empty() || servers.size() > kMaxServers)
        return failure(std::format("there must be one to {} servers", kMaxServers));
    return servers;
}

std::string with_brackets(std::string_view server) {
    return server.contains(':') ? std::format("[{}]", server) : std::string(server);
}

} // namespace slipway::nfs
