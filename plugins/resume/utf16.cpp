// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/utf16.h"

#include <cstddef>

namespace slipway::resume {

namespace {

char32_t unit_at(std::string_view bytes, std::size_t index) {
    const auto low = static_cast<unsigned char>(bytes[2 * index]);
    const auto high = static_cast<unsigned char>(bytes[2 * index + 1]);
    return static_cast<char32_t>(low | (high << 8U));
}

bool is_high_surrogate(char32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low_surrogate(char32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

void append(std::string &text, char32_t code) {
    const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
        return;
    }
    if (code < 0x800) {
        add(0xC0 | (code >> 6U));
    } else {
        if (code < 0x10000) {
            add(0xE0 | (code >> 12U));
        } else {
            add(0xF0 | (code >> 18U));
            add(0x80 | ((code >> 12U) & 0x3FU));
        }
        add(0x80 | ((code >> 6U) & 0x3FU));
    }
    add(0x80 | (code & 0x3FU));
}

} // namespace

std::optional<std::string> utf8_of_utf16(std::string_view bytes) {
    if (bytes.size() % 2 != 0)
        return std::nullopt;
    std::string text;
    const std::size_t count = bytes.size() / 2;
    for (std::size_t i = 0; i < count; ++i) {
        char32_t code = unit_at(bytes, i);
        if (code == 0)
            break;
        if (is_low_surrogate(code))
            return std::nullopt;
        if (is_high_surrogate(code)) {
            ++i;
            if (i == count || !is_low_surrogate(unit_at(bytes, i)))
                return std::nullopt;
            code = 0x10000 + ((code - 0xD800) << 10U) + (unit_at(bytes, i) - 0xDC00);
        }
        append(text, code);
    }
    return text;
}

} // namespace slipway::resume
