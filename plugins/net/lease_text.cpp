// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/lease_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace slipway::net {

namespace {

template <class Address>
std::optional<std::string> canonical(int family, std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (text.empty() || text.size() >= buffer.size())
        return std::nullopt;
    Address address{};
    if (::inet_pton(family, std::string(text).c_str(), &address) != 1)
        return std::nullopt;
    ::inet_ntop(family, &address, buffer.data(), buffer.size());
    return std::string(buffer.data());
}

bool is_label(std::string_view label) noexcept {
    return !label.empty() && label.size() <= 63 && label.front() != '-' &&
           std::ranges::all_of(label, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

} // namespace

std::optional<std::string> canonical_ipv4(std::string_view text) {
    return canonical<in_addr>(AF_INET, text);
}

std::optional<std::string> canonical_ipv6(std::string_view text) {
    return canonical<in6_addr>(AF_INET6, text.substr(0, text.find('%')));
}

bool is_plain_ascii(std::string_view text) noexcept {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool is_domain_name(std::string_view text) noexcept {
    if (text.ends_with('.'))
        text.remove_suffix(1);
    if (text.empty() || text.size() > 253)
        return false;
    while (true) {
        const std::size_t dot = text.find('.');
        if (!is_label(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

std::optional<unsigned> parse_number(std::string_view text, unsigned limit) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > limit)
        return std::nullopt;
    return number;
}

bool is_interface_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 15 && text != "." && text != ".." &&
           text.front() != '-' && std::ranges::none_of(text, [](char c) {
               return c == '/' || c == ':' || c == 0x7F || (c >= 0 && c <= 0x20);
           });
}

} // namespace slipway::net
