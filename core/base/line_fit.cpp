// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/line_fit.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace slipway {

namespace {

using Range = std::pair<std::uint32_t, std::uint32_t>;

// Unicode: combining marks, joiners, variation selectors.
constexpr std::array<Range, 5> kNoRoom = {
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
// Unicode's East_Asian_Width W and F, in blocks, and pictures.
constexpr std::array<Range, 9> kTwoColumns = {{{0x1100, 0x115F},
                                               {0x2E80, 0xA4CF},
                                               {0xAC00, 0xD7A3},
                                               {0xF900, 0xFAFF},
                                               {0xFE30, 0xFE6F},
                                               {0xFF00, 0xFF60},
                                               {0xFFE0, 0xFFE6},
                                               {0x1F300, 0x1FAFF},
                                               {0x20000, 0x3FFFD}}};

template <std::size_t Size>
bool is_in(const std::array<Range, Size> &ranges, std::uint32_t character) {
    return std::ranges::any_of(ranges, [character](const Range &range) {
        return character >= range.first && character <= range.second;
    });
}

std::size_t width_of(std::uint32_t character) {
    if (is_in(kNoRoom, character))
        return 0;
    return is_in(kTwoColumns, character) ? 2 : 1;
}

struct Glyph {
    std::string_view bytes;
    std::size_t width = 0;
};

// The first character. Of broken UTF-8: one byte that counts as one column.
Glyph first_glyph(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 1 || lead < 0xC2 || lead > 0xF4 || length > text.size())
        return {text.substr(0, 1), 1};
    std::uint32_t character = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return {text.substr(0, 1), 1};
        character = (character << 6U) | (byte(i) & 0x3FU);
    }
    return {text.substr(0, length), width_of(character)};
}

std::vector<Glyph> glyphs_of(std::string_view text) {
    std::vector<Glyph> glyphs;
    while (!text.empty()) {
        glyphs.push_back(first_glyph(text));
        text.remove_prefix(glyphs.back().bytes.size());
    }
    return glyphs;
}

// As many as have room.
template <class Iterator>
std::size_t bytes_within(Iterator glyph, const Iterator &end, std::size_t columns) {
    std::size_t bytes = 0;
    for (; glyph != end && glyph->width <= columns; ++glyph) {
        columns -= glyph->width;
        bytes += glyph->bytes.size();
    }
    return bytes;
}

} // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (const Glyph &glyph : glyphs_of(text))
        width += glyph.width;
    return width;
}

std::string fit_line(std::string_view text, std::size_t columns, std::string_view gap) {
    if (display_width(text) <= columns)
        return std::string(text);
    const std::vector<Glyph> glyphs = glyphs_of(text);
    const std::size_t gap_width = display_width(gap);
    if (columns <= gap_width)
        return std::string(text.substr(0, bytes_within(glyphs.begin(), glyphs.end(), columns)));
    const std::size_t room = columns - gap_width;
    const std::size_t head = bytes_within(glyphs.begin(), glyphs.end(), room - room / 2);
    const std::size_t tail = bytes_within(glyphs.rbegin(), glyphs.rend(), room / 2);
    return std::string(text.substr(0, head)).append(gap).append(text.substr(text.size() - tail));
}

} // namespace slipway
