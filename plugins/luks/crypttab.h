// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::luks {

// One line of crypttab(5), not yet interpreted.
struct CrypttabEntry {
    unsigned line = 0; // from 1
    std::string name;
    std::string source;  // "UUID=…", "/dev/…"
    std::string keyfile; // "" for none
    std::string options; // "" for none
};

struct Crypttab {
    std::vector<CrypttabEntry> entries;
    std::vector<std::string> problems; // "<file>:<line>: …"
};

// `file` stands in the problems. A malformed line is left out; the rest counts.
[[nodiscard]] Crypttab parse_crypttab(std::string_view file, std::string_view text);

// One value of Debian's cryptopts=: target=<name>,source=<device>[,key=<file>][,<option>…]. The
// error says what is wrong.
[[nodiscard]] Result<CrypttabEntry> parse_cryptopts(std::string_view value);

// Can this be the name of a device-mapper device? 1 to 127 bytes of UTF-8 (units are TOML, which
// holds nothing else), no '/', no blank, no control character.
[[nodiscard]] bool is_mapping_name(std::string_view name);

} // namespace slipway::luks
