// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/record_words.h"

#include <algorithm>
#include <charconv>

namespace slipway::record {

namespace {

void add_escaped(std::string &out, std::string_view text, std::string_view also) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto is_plain = [also](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x7f && c != '%' && !also.contains(c);
    };
    while (!text.empty()) {
        // Nearly all of it, so it goes in one piece.
        const auto *const end = std::ranges::find_if_not(text, is_plain);
        const auto plain = static_cast<std::size_t>(end - text.begin());
        out.append(text.substr(0, plain));
        if (plain == text.size())
            return;
        const auto byte = static_cast<unsigned char>(text[plain]);
        text.remove_prefix(plain + 1);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 0xfU];
    }
}

std::optional<unsigned> hex_digits(std::string_view two) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(two.data(), two.data() + two.size(), value, 16);
    const bool is_whole = two.size() == 2 && error == std::errc{} && end == two.data() + two.size();
    return is_whole ? std::optional(value) : std::nullopt;
}

} // namespace

void add_word(std::string &out, std::string_view word) {
    out += ' ';
    if (word.empty())
        out += '-';
    else if (word == "-")
        out += "%2D";
    else
        add_escaped(out, word, " ");
}

void add_number(std::string &out, std::uint64_t number) {
    out += ' ';
    out += std::to_string(number);
}

void add_time(std::string &out, std::optional<Duration> time) {
    if (time)
        add_number(out, static_cast<std::uint64_t>(time->count()));
    else
        add_word(out, kNoTime);
}

void add_pair(std::string &out, std::string_view key, std::string_view value) {
    out += ' ';
    add_escaped(out, key, " =");
    out += '=';
    add_escaped(out, value, " ");
}

void add_lines(std::string &out, std::string_view text) {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        add_escaped(out, text.substr(0, end), "");
        out += "\n|";
        text.remove_prefix(end + 1);
    }
    add_escaped(out, text, "");
    out += '\n';
}

std::optional<std::string> unescape(std::string_view raw) {
    std::string text;
    for (std::size_t percent = raw.find('%'); percent != std::string_view::npos;
         percent = raw.find('%')) {
        const auto byte = hex_digits(raw.substr(percent + 1, 2));
        if (!byte)
            return std::nullopt;
        text += raw.substr(0, percent);
        text += static_cast<char>(*byte);
        raw.remove_prefix(percent + 3);
    }
    return text.append(raw);
}

void Words::complain(std::string problem) {
    if (problem_.empty())
        problem_ = std::move(problem);
}

std::string_view Words::take(std::string_view what) {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    if (word.empty() || !problem_.empty()) {
        complain("no " + std::string(what));
        return {};
    }
    rest_.remove_prefix(std::min(word.size() + 1, rest_.size()));
    return word;
}

std::string Words::unescaped(std::string_view raw) {
    auto text = unescape(raw);
    if (!text)
        complain("a '%' must be followed by two hexadecimal digits");
    return std::move(text).value_or("");
}

std::string Words::text(std::string_view what) {
    const std::string_view word = take(what);
    return word == "-" ? "" : unescaped(word);
}

std::uint64_t Words::number(std::string_view what, std::uint64_t max) {
    const std::string_view word = take(what);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (word.empty() || error != std::errc{} || end != word.data() + word.size() || number > max) {
        complain(std::string(what) + " must be a number up to " + std::to_string(max));
        return 0;
    }
    return number;
}

Duration Words::time(std::string_view what) {
    return Duration(static_cast<std::int64_t>(number(what, kMaxTime)));
}

std::optional<Duration> Words::optional_time(std::string_view what) {
    if (rest_.substr(0, rest_.find(' ')) != kNoTime)
        return time(what);
    (void)take(what);
    return std::nullopt;
}

std::pair<std::string, std::string> Words::pair(std::string_view what) {
    const std::string_view word = take(what);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
        complain(std::string(what) + " must be KEY=VALUE");
        return {};
    }
    return {unescaped(word.substr(0, equals)), unescaped(word.substr(equals + 1))};
}

void Words::finish() {
    if (has_more())
        complain("more words than belong there");
}

} // namespace slipway::record
