// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace slipway::coldplug {

// How udev turns the text of a device into a part of a link name. All of them keep letters, digits,
// "#+-.:=@_" and well-formed UTF-8.

// blkid_encode_string(3): everything else becomes \xNN. For labels and UUIDs.
[[nodiscard]] std::string encode_link_part(std::string_view text);

// util_replace_whitespace() and util_replace_chars() of udev: blanks at both ends vanish, runs of
// blanks become one '_', everything else but "\x" becomes '_'. For serial numbers and models, and
// for the names of mappings, in which libdevmapper has written odd characters as \xNN.
[[nodiscard]] std::string replace_link_part(std::string_view text);

} // namespace slipway::coldplug
