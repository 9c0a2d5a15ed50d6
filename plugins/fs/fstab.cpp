// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/fstab.h"

#include <charconv>
#include <expected>
#include <format>
#include <optional>

#include "base/text.h"

namespace slipway::fs {

namespace {

constexpr std::size_t kMaxFieldBytes = 4096; // PATH_MAX, and the kernel's limit for mount options
constexpr std::size_t kMaxFields = 6;

bool is_octal(char c) noexcept {
    return c >= '0' && c <= '7';
}

// "\040" and the like. Nothing for a byte 0, which no path can hold.
std::optional<std::string> decode(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '\\' && text.size() - i > 3 && text[i + 1] <= '3' &&
                               is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
                               is_octal(text[i + 3]);
        char character = text[i];
        if (is_escape) {
            character = static_cast<char>(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) |
                                          (text[i + 3] - '0'));
            i += 3;
        }
        if (character == '\0')
            return std::nullopt;
        result += character;
    }
    return result;
}

std::optional<unsigned> parse_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// The entry, or what is wrong with the line.
std::expected<FstabEntry, std::string> read_line(unsigned line, std::string_view content) {
    const auto fields = split_words(content, " \t\r");
    if (fields.size() < 3)
        return std::unexpected(
            "a line needs at least three fields: DEVICE TARGET TYPE [OPTIONS [FREQ [PASSNO]]]");
    if (fields.size() > kMaxFields && !fields[kMaxFields].starts_with('#'))
        return std::unexpected("more than six fields; write a blank in a field as \\040");
    FstabEntry entry;
    entry.line = line;
    std::string *const targets[] = {&entry.source, &entry.target, &entry.type, &entry.options};
    for (std::size_t i = 0; i < std::size(targets) && i < fields.size(); ++i) {
        if (fields[i].size() > kMaxFieldBytes)
            return std::unexpected("a field is longer than 4096 bytes; shorten it");
        auto text = decode(fields[i]);
        if (!text)
            return std::unexpected("a field holds a byte 0; remove it");
        *targets[i] = *std::move(text);
    }
    for (std::size_t i = 4; i < kMaxFields && i < fields.size(); ++i) {
        const auto number = parse_number(fields[i]);
        if (!number)
            return std::unexpected(
                std::format("field {} must be a number, not \"{}\"; write a blank in a field as "
                            "\\040",
                            i + 1, printable(fields[i], 80)));
        if (i == 5)
            entry.passno = *number;
    }
    return entry;
}

} // namespace

Fstab parse_fstab(std::string_view file, std::string_view text) {
    Fstab table;
    const auto complain = [&](unsigned line, std::string_view what) {
        table.problems.push_back(std::format("{}:{}: {}", file, line, what));
    };
    unsigned line = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string_view content = text.substr(start, end - start);
        start = end + 1;
        ++line;
        if (end > kMaxFstabBytes) {
            complain(line, "the file is larger than 256 KiB; the rest is not read, remove what is "
                           "not needed");
            break;
        }
        const std::size_t first = content.find_first_not_of(" \t\r");
        if (first == std::string_view::npos || content[first] == '#')
            continue;
        if (table.entries.size() == kMaxFstabEntries) {
            complain(line, "only the first 1024 entries are read; remove what is not needed");
            break;
        }
        auto entry = read_line(line, content);
        if (entry)
            table.entries.push_back(*std::move(entry));
        else
            complain(line, entry.error() + "; the line is left out");
    }
    return table;
}

} // namespace slipway::fs
