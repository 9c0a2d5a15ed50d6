// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <format>

#include "report/plot.h"

namespace slipway::report {

namespace {

struct Letter {
    std::string_view bytes;
    std::size_t columns;
};

// Scripts that fixed fonts draw twice as wide (Unicode, East Asian Width): Hangul, CJK, and
// everything beyond the first plane, where emoji are.
std::size_t columns_of_letter(char32_t letter) {
    const bool is_wide =
        (letter >= 0x1100 && letter <= 0x115f) || (letter >= 0x2e80 && letter <= 0xa4cf) ||
        (letter >= 0xac00 && letter <= 0xd7a3) || (letter >= 0xf900 && letter <= 0xfaff) ||
        (letter >= 0xfe30 && letter <= 0xfe6f) || (letter >= 0xff00 && letter <= 0xff60) ||
        letter >= 0x10000;
    return is_wide ? 2 : 1;
}

// Of valid UTF-8.
std::vector<Letter> letters_of(std::string_view text) {
    std::vector<Letter> letters;
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        char32_t letter = size == 1 ? first : first & (0xffU >> (size + 1));
        for (std::size_t i = 1; i < size && i < text.size(); ++i)
            letter = (letter << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
        letters.push_back({text.substr(0, size), columns_of_letter(letter)});
        text.remove_prefix(std::min(size, text.size()));
    }
    return letters;
}

} // namespace

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (const Letter &letter : letters_of(text))
        columns += letter.columns;
    return columns;
}

std::string elided(std::string_view text, std::size_t columns) {
    const std::vector<Letter> letters = letters_of(text);
    if (columns_of(text) <= columns)
        return std::string(text);
    // Names differ at both ends: the kind of thing in front, the number behind.
    const std::size_t room = columns - 1;
    std::string front;
    std::string back;
    std::size_t used = 0;
    for (const Letter &letter : letters) {
        used += letter.columns;
        if (used > (room + 1) / 2)
            break;
        front += letter.bytes;
    }
    used = 0;
    for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) {
        used += letter->columns;
        if (used > room / 2)
            break;
        back.insert(0, letter->bytes);
    }
    return front + "…" + back;
}

std::string seconds_text(Duration duration) {
    return std::format("{:.3f} s", static_cast<double>(duration.count()) / 1e6);
}

} // namespace slipway::report
