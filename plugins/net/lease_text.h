// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::net {

// Checks of texts that come from a server. Addresses are given back as inet_ntop(3) writes them.

[[nodiscard]] std::optional<std::string> canonical_ipv4(std::string_view text);
// A zone ("%eth0") may follow a link-local address and is left out.
[[nodiscard]] std::optional<std::string> canonical_ipv6(std::string_view text);

// Bytes 0x20 to 0x7E, and at least one.
[[nodiscard]] bool is_plain_ascii(std::string_view text) noexcept;

// Letters, digits, '-', '_' and single dots, at most 253 bytes; labels of 1 to 63 bytes that do
// not begin with '-'. One dot at the end is allowed.
[[nodiscard]] bool is_domain_name(std::string_view text) noexcept;

// A number without sign that is at most `limit`.
[[nodiscard]] std::optional<unsigned> parse_number(std::string_view text, unsigned limit);

// As the kernel has it (dev_valid_name): at most 15 bytes, no '/', ':', blank or control character,
// not "." or "..". And no '-' in front, as programs would take it for an option.
[[nodiscard]] bool is_interface_name(std::string_view text) noexcept;

} // namespace slipway::net
