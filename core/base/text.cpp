// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <format>
#include <numeric>

namespace slipway {

std::vector<std::string> split_words(std::string_view text, std::string_view separators) {
    std::vector<std::string> words;
    std::size_t position = 0;
    while ((position = text.find_first_not_of(separators, position)) != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(separators, position), text.size());
        words.emplace_back(text.substr(position, end - position));
        position = end;
    }
    return words;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view without_quotes(std::string_view text) {
    const bool is_quoted = text.size() >= 2 && text.front() == text.back() &&
                           (text.front() == '"' || text.front() == '\'');
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

std::string join(const std::vector<std::string> &words, std::string_view separator) {
    std::string text;
    for (const std::string &word : words) {
        if (!text.empty())
            text += separator;
        text += word;
    }
    return text;
}

namespace {

struct TimeUnit {
    std::string_view name;
    std::int64_t microseconds;
};

constexpr std::array kTimeUnits = {
    TimeUnit{"", 1'000'000},
    TimeUnit{"us", 1},
    TimeUnit{"usec", 1},
    TimeUnit{"ms", 1'000},
    TimeUnit{"msec", 1'000},
    TimeUnit{"s", 1'000'000},
    TimeUnit{"sec", 1'000'000},
    TimeUnit{"second", 1'000'000},
    TimeUnit{"seconds", 1'000'000},
    TimeUnit{"m", 60'000'000},
    TimeUnit{"min", 60'000'000},
    TimeUnit{"minute", 60'000'000},
    TimeUnit{"minutes", 60'000'000},
    TimeUnit{"h", 3'600'000'000},
    TimeUnit{"hr", 3'600'000'000},
    TimeUnit{"hour", 3'600'000'000},
    TimeUnit{"hours", 3'600'000'000},
    TimeUnit{"d", 86'400'000'000},
    TimeUnit{"day", 86'400'000'000},
    TimeUnit{"days", 86'400'000'000},
};

std::string_view skip_blanks(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

// Parses one "<number><unit>" from the front of `text` and removes it.
std::optional<Duration> take_time_part(std::string_view &text) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || !(number >= 0)) // "nan" is a number to from_chars()
        return std::nullopt;
    text = skip_blanks(text.substr(static_cast<std::size_t>(end - text.data())));
    const std::size_t name_end =
        std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), text.size());
    const std::string_view name = text.substr(0, name_end);
    const auto *unit = std::ranges::find(kTimeUnits, name, &TimeUnit::name);
    // The limit of about a century keeps later sums of durations from overflowing.
    if (unit == kTimeUnits.end() || number * static_cast<double>(unit->microseconds) > 3.2e15)
        return std::nullopt;
    text = skip_blanks(text.substr(name_end));
    return Duration(static_cast<std::int64_t>(number * static_cast<double>(unit->microseconds)));
}

} // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    text = skip_blanks(text);
    if (text.empty())
        return std::nullopt;
    Duration total{0};
    while (!text.empty()) {
        const auto part = take_time_part(text);
        if (!part || total > Duration(3'200'000'000'000'000) - *part)
            return std::nullopt;
        total += *part;
    }
    return total;
}

std::string format_duration(Duration duration) {
    const auto microseconds = duration.count();
    if (microseconds < 1'000'000)
        return std::format("{} ms", microseconds / 1'000);
    if (microseconds < 10'000'000 && microseconds % 1'000'000 >= 50'000)
        return std::format("{:.1f} s", static_cast<double>(microseconds) / 1e6);
    if (microseconds < 600'000'000)
        return std::format("{} s", microseconds / 1'000'000);
    return std::format("{} min", microseconds / 60'000'000);
}

std::optional<bool> parse_boolean(std::string_view text) {
    constexpr std::array kYes = {"1", "yes", "true", "on"};
    constexpr std::array kNo = {"0", "no", "false", "off"};
    if (std::ranges::find(kYes, text) != kYes.end())
        return true;
    if (std::ranges::find(kNo, text) != kNo.end())
        return false;
    return std::nullopt;
}

namespace {

// Length of the well-formed UTF-8 sequence at the front of `text`, or 0.
std::size_t utf8_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = 0;
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        length = 2;
    else if (first >= 0xE0 && first < 0xF0)
        length = 3;
    else if (first >= 0xF0 && first < 0xF5)
        length = 4;
    if (length == 0 || text.size() < length)
        return 0;
    const bool is_continued = std::ranges::all_of(text.substr(1, length - 1), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    });
    if (!is_continued)
        return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    // U+0080 to U+009F are control characters as well (some terminals obey them).
    const bool is_control = first == 0xC2 && second < 0xA0;
    // RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
    const bool is_overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool is_beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return is_control || is_overlong || is_beyond ? 0 : length;
}

} // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
    std::string clean;
    while (!text.empty() && clean.size() < max_bytes) {
        const std::size_t length = utf8_length(text);
        const bool is_control =
            length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F);
        if (length == 0 || is_control)
            clean += '?';
        else if (clean.size() + length <= max_bytes)
            clean += text.substr(0, length);
        else
            break;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t substitution = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
        }
    }
    return row[right.size()];
}

} // namespace

std::optional<std::string> nearest_word(std::string_view word,
                                        const std::vector<std::string> &candidates) {
    const std::size_t limit = std::min<std::size_t>(3, (word.size() + 2) / 3);
    std::optional<std::string> best;
    std::size_t best_distance = limit + 1;
    for (const std::string &candidate : candidates) {
        // The distance is at least the difference of the lengths, and costs their product.
        const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
        if (longer - shorter >= best_distance)
            continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

} // namespace slipway
