// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/markup.h"

namespace slipway::report {

namespace {

// U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows them.
bool is_direction_mark(std::string_view bytes) {
    return bytes.starts_with("\xe2\x80")
               ? bytes.size() > 2 && bytes[2] >= '\xaa' && bytes[2] <= '\xae'
           : bytes.starts_with("\xe2\x81")
               ? bytes.size() > 2 && bytes[2] >= '\xa6' && bytes[2] <= '\xa9'
               : false;
}

} // namespace

std::string escaped(std::string_view text) {
    std::string markup;
    while (!text.empty()) {
        std::size_t size = 1;
        switch (text.front()) {
        case '&':
            markup += "&amp;";
            break;
        case '<':
            markup += "&lt;";
            break;
        case '>':
            markup += "&gt;";
            break;
        case '"':
            markup += "&quot;";
            break;
        default:
            if (is_direction_mark(text.substr(0, 3))) {
                markup += '?';
                size = 3;
            } else {
                markup += text.front();
            }
        }
        text.remove_prefix(size);
    }
    return markup;
}

} // namespace slipway::report
