// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/target.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <limits>
#include <utility>
#include <vector>

#include "base/text.h"

namespace slipway::iscsi {

namespace {

constexpr std::string_view kForm =
    "[<user>:<password>@]<server>:<protocol>:<port>:<LUN>:<target name>";
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxName = 223; // RFC 7143 section 4.2.7.1
constexpr std::size_t kMaxServer = 253;
constexpr std::size_t kMaxInterface = 15; // IFNAMSIZ with its zero
constexpr std::size_t kMaxChap = 255;
constexpr std::uint64_t kMaxFlatLun = 16383; // SAM-5, flat space addressing

constexpr std::array<std::string_view, 3> kNameTypes = {"iqn.", "eui.", "naa."};

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_letter_or_digit(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_all_hex(std::string_view text) noexcept {
    return std::ranges::all_of(text, is_hex);
}

// Where the target's name begins: behind the first colon that a type of names follows.
std::size_t find_name(std::string_view text) noexcept {
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
        const std::string_view rest = text.substr(colon + 1);
        if (std::ranges::any_of(kNameTypes, [&](auto type) { return rest.starts_with(type); }))
            return colon + 1;
    }
    return std::string_view::npos;
}

// Where the part about the user ends; an '@' in a target's name is not meant.
std::size_t find_at(std::string_view text) noexcept {
    const std::size_t at = text.find('@');
    return at < find_name(text) ? at : std::string_view::npos;
}

// Empty parts count.
std::vector<std::string_view> split_at_colons(std::string_view text) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == std::string_view::npos)
            return parts;
        text.remove_prefix(colon + 1);
    }
}

Result<Chap> parse_chap(std::string_view text) {
    Chap chap;
    if (text.empty())
        return chap;
    const auto parts = split_at_colons(text);
    if (parts.size() != 2 && parts.size() != 4)
        return failure("before the @ stand a user and a password, and perhaps those of the target, "
                       "with colons between them");
    chap.user = parts[0];
    chap.password = parts[1];
    if (parts.size() == 4) {
        chap.user_in = parts[2];
        chap.password_in = parts[3];
    }
    if (auto good = check_chap(chap); !good)
        return std::unexpected(std::move(good).error());
    return chap;
}

// Takes the server and the colon behind it from the front of `text`.
Result<std::string> take_server(std::string_view &text) {
    const bool is_bracketed = text.starts_with('[');
    const std::size_t end = is_bracketed ? text.find("]:") : text.find(':');
    if (end == std::string_view::npos)
        return failure(std::format("accepted is {}", kForm));
    const std::string_view server = is_bracketed ? text.substr(1, end - 1) : text.substr(0, end);
    text.remove_prefix(end + (is_bracketed ? 2 : 1));
    if ((is_bracketed || !server.empty()) && !is_server(server))
        return failure(
            std::format("\"{}\" is no server: accepted are a host name, an IPv4 address, "
                        "and an IPv6 address in brackets",
                        printable(server, 80)));
    return std::string(server);
}

// "<protocol>:<port>:[[<iface>:]<netdev>:]<lun>".
Result<> read_middle(std::string_view text, Target &target) {
    const auto parts = split_at_colons(text);
    if (parts.size() < 3 || parts.size() > 5)
        return failure(std::format("accepted is {}", kForm));
    if (!parts[0].empty() && parts[0] != "6" && parts[0] != "tcp" && parts[0] != "TCP")
        return failure(
            std::format("protocol \"{}\" is not supported, only 6 (TCP)", printable(parts[0], 32)));
    const auto port = parse_port(parts[1]);
    if (!port)
        return std::unexpected(port.error());
    target.port = *port;
    if (parts.size() == 5)
        target.interface_id = parts[2];
    if (parts.size() >= 4)
        target.netdev = parts[parts.size() - 2];
    for (const std::string &name : {target.interface_id, target.netdev}) {
        if (!name.empty() && !is_interface_name(name))
            return failure(std::format("\"{}\" is no name of an interface", printable(name, 32)));
    }
    const auto lun = parse_lun(parts.back());
    if (!lun)
        return std::unexpected(lun.error());
    target.lun = *lun;
    return {};
}

Result<Target> read_target(std::string_view text) {
    if (text.size() > kMaxText)
        return failure(std::format("it has more than {} characters", kMaxText));
    if (std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c >= 0x7F; }))
        return failure("it holds blanks or characters that are not ASCII");
    Target target;
    if (const std::size_t at = find_at(text); at != std::string_view::npos) {
        auto chap = parse_chap(text.substr(0, at));
        if (!chap)
            return std::unexpected(std::move(chap).error());
        target.chap = *std::move(chap);
        text.remove_prefix(at + 1);
    }
    auto server = take_server(text);
    if (!server)
        return std::unexpected(std::move(server).error());
    target.server = *std::move(server);
    const std::size_t name = find_name(text);
    if (name == std::string_view::npos)
        return failure(std::format("it ends with no target name (iqn.…, eui.…, naa.…); accepted "
                                   "is {}",
                                   kForm));
    target.name = text.substr(name);
    if (auto good = check_target_name(target.name); !good)
        return std::unexpected(std::move(good).error());
    if (auto good = read_middle(text.substr(0, name - 1), target); !good)
        return std::unexpected(std::move(good).error());
    return target;
}

// "2009-06.org.example", and perhaps ":name".
bool has_date_and_authority(std::string_view text) {
    return text.size() > 8 && std::ranges::all_of(text.substr(0, 4), is_digit) && text[4] == '-' &&
           std::ranges::all_of(text.substr(5, 2), is_digit) && text[7] == '.';
}

bool is_chap_text(std::string_view text) {
    return text.size() <= kMaxChap && !text.empty() &&
           std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7F; });
}

} // namespace

Result<> check_target_name(std::string_view name) {
    const auto refuse = [&](std::string_view why) {
        return failure(std::format("\"{}\" is no target name: {}", printable(name, 120), why));
    };
    if (name.size() > kMaxName)
        return refuse(std::format("it has more than {} characters", kMaxName));
    constexpr std::string_view kOthers = "-._:@+";
    if (!std::ranges::all_of(name,
                             [&](char c) { return is_letter_or_digit(c) || kOthers.contains(c); }))
        return refuse("it may hold letters, digits and -._:@+");
    const std::string_view rest = name.substr(std::min<std::size_t>(name.size(), 4));
    if (name.starts_with("iqn.") && has_date_and_authority(rest))
        return {};
    if (name.starts_with("eui.") && rest.size() == 16 && is_all_hex(rest))
        return {};
    if (name.starts_with("naa.") && (rest.size() == 16 || rest.size() == 32) && is_all_hex(rest))
        return {};
    return refuse("accepted are iqn.<year>-<month>.<domain>[:<name>], eui.<16 hex digits> and "
                  "naa.<16 or 32 hex digits>");
}

bool is_server(std::string_view text) noexcept {
    if (text.empty() || text.size() > kMaxServer)
        return false;
    if (text.contains(':'))
        return std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
    return is_letter_or_digit(text.front()) && std::ranges::all_of(text, [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
           });
}

bool is_interface_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kMaxInterface && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '@';
           });
}

Result<> check_chap(const Chap &chap) {
    const std::array<std::pair<const std::string *, const std::string *>, 2> pairs = {
        {{&chap.user, &chap.password}, {&chap.user_in, &chap.password_in}}};
    for (const auto &[user, password] : pairs) {
        if (user->empty() != password->empty())
            return failure("a CHAP user needs a password, and a password a user");
        if (!user->empty() && (!is_chap_text(*user) || !is_chap_text(*password)))
            return failure(std::format("CHAP users and passwords have up to {} ASCII characters "
                                       "without blanks",
                                       kMaxChap));
    }
    if (chap.is_mutual() && !chap.is_used())
        return failure("the target's user and password need those of this machine as well");
    return {};
}

Result<std::uint64_t> parse_lun(std::string_view text) {
    if (text.empty())
        return 0;
    const auto bad = [&] {
        return failure(std::format("\"{}\" is no LUN: accepted are a decimal number up to {}, and "
                                   "groups of four hexadecimal digits",
                                   printable(text, 40), kMaxFlatLun));
    };
    const bool is_decimal = std::ranges::all_of(text, is_digit);
    std::uint64_t lun = 0;
    if (is_decimal) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lun);
        if (error != std::errc() || lun > kMaxFlatLun)
            return bad();
        return lun;
    }
    const auto groups = split_words(text, "-");
    if (groups.size() > 4 || text.size() > 19 || text.contains("--") || text.starts_with('-') ||
        text.ends_with('-'))
        return bad();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::string &group = groups[i];
        std::uint64_t value = 0;
        if (group.size() > 4 || !is_all_hex(group))
            return bad();
        std::from_chars(group.data(), group.data() + group.size(), value, 16);
        lun |= value << (16 * i);
    }
    return lun;
}

Result<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty())
        return kDefaultPort;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        return failure(std::format("\"{}\" is no port: accepted are 1 to {}", printable(text, 32),
                                   std::numeric_limits<std::uint16_t>::max()));
    return port;
}

std::string portal_text(std::string_view server, std::uint16_t port) {
    return server.contains(':') ? std::format("[{}]:{}", server, port)
                                : std::format("{}:{}", server, port);
}

std::string shown_target(std::string_view text) {
    const std::size_t at = find_at(text);
    if (at == std::string_view::npos || at == 0)
        return printable(text, 300);
    return "***@" + printable(text.substr(at + 1), 300);
}

Result<Target> parse_target(std::string_view text) {
    auto target = read_target(text);
    if (!target)
        return std::unexpected(std::move(target).error().with_context(
            std::format("iSCSI target \"{}\"", shown_target(text))));
    return target;
}

} // namespace slipway::iscsi
