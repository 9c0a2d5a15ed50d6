// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/toml_reader.h"

#include <algorithm>

namespace slipway {

namespace {

// Far more than any key of docs/units.md.
constexpr std::size_t kMaxKeyParts = 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Goes over a text before toml++ does, and knows of TOML just the strings and comments, to find
// what toml++ 3.4 does not survive:
// - a dotted key of 100000 parts. How deep values nest is bounded, the parts of a key are not, and
//   tables are freed by recursion.
// - U+00A1 to U+0499, U+2E5E to U+3257 and U+FB26 to U+FEFE where a blank may stand: its test for
//   blanks ends in undefined behaviour. Out of quotes TOML has ASCII only; in texts over several
//   lines blanks follow a backslash at the end of a line. A quote in the middle of a word begins no
//   text for toml++.
class TextCheck {
public:
    explicit TextCheck(std::string_view text) : text_(text) {}

    std::optional<TomlFailure> run();

private:
    // Both stop at what they have to refuse; false then.
    bool skip_string();
    bool take_plain_character();
    [[nodiscard]] bool is_far_character() const noexcept {
        return text_.substr(at_, 2) >= "\xEF\xAC" && text_.substr(at_, 3) < kByteOrderMark;
    }
    [[nodiscard]] bool joins_lines(char quote) const noexcept {
        constexpr std::string_view kBlanks = " \t\r\n";
        return quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
               kBlanks.contains(text_[at_ + 1]);
    }
    [[nodiscard]] bool is_in_a_word(std::size_t quote) const noexcept {
        constexpr std::string_view kBeforeText = " \t\r\n=[{,";
        return quote > 0 && !kBeforeText.contains(text_[quote - 1]);
    }
    [[nodiscard]] static bool is_ascii(std::string_view text) noexcept {
        return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
    }
    [[nodiscard]] TomlFailure refusal(std::string message) const {
        const auto line = 1 + std::ranges::count(text_.substr(0, at_), '\n');
        return {static_cast<unsigned>(line), std::move(message)};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t parts_ = 1; // of the key, if this is one
};

// A string that does not end, which toml++ refuses, reaches to the end of its line or of the text.
bool TextCheck::skip_string() {
    const char quote = text_[at_];
    const bool has_lines = text_.substr(at_, 3) == std::string(3, quote);
    const std::string closing(has_lines ? 3 : 1, quote);
    at_ += closing.size();
    bool has_joined_lines = false;
    bool is_foreign = false;
    while (at_ < text_.size() && text_.substr(at_, closing.size()) != closing) {
        has_joined_lines = has_joined_lines || joins_lines(quote);
        is_foreign = is_foreign || static_cast<unsigned char>(text_[at_]) >= 0x80;
        if (has_lines && (is_far_character() || (has_joined_lines && is_foreign)))
            return false;
        if (!has_lines && text_[at_] == '\n')
            return true;
        const bool is_escape = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                               static_cast<unsigned char>(text_[at_ + 1]) < 0x80;
        at_ += is_escape ? 2 : 1;
    }
    at_ = std::min(at_ + closing.size(), text_.size());
    // Up to two quotes before the closing ones belong to the text.
    for (int more = 0; has_lines && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more)
        ++at_;
    return true;
}

bool TextCheck::take_plain_character() {
    constexpr std::string_view kBetweenKeys = "=,[]{}\n";
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) >= 0x80)
        return false;
    if (kBetweenKeys.contains(c))
        parts_ = 1;
    else if (c == '.' && ++parts_ > kMaxKeyParts)
        return false;
    ++at_;
    return true;
}

std::optional<TomlFailure> TextCheck::run() {
    if (text_.starts_with(kByteOrderMark))
        at_ = kByteOrderMark.size();
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '"' || c == '\'') {
            const std::size_t begin = at_;
            const bool is_whole = skip_string();
            if (is_in_a_word(begin) && !is_ascii(text_.substr(begin, at_ - begin)))
                return refusal("not valid TOML: a quote in the middle of a word; put a blank, '=' "
                               "or ',' in front of it");
            if (!is_whole)
                return refusal("a text over several lines joins lines with a backslash and has "
                               "letters that are not ASCII, or one of U+FB26 to U+FEFE; write it "
                               "in one line");
        } else if (c == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (!take_plain_character()) {
            return refusal(c == '.' ? "a key has more than 16 parts; write a shorter one"
                                    : "not valid TOML: a letter that is not ASCII stands outside "
                                      "of quotes; put quotes around the text");
        }
    }
    return std::nullopt;
}

} // namespace

std::expected<toml::table, TomlFailure> parse_toml(std::string_view text, std::string_view file) {
    if (auto refused = TextCheck(text).run())
        return std::unexpected(*std::move(refused));
    toml::parse_result parsed = toml::parse(text, file);
    if (parsed)
        return std::move(parsed).table();
    const toml::parse_error &error = parsed.error();
    return std::unexpected(
        TomlFailure{static_cast<unsigned>(error.source().begin.line),
                    "not valid TOML: " + std::string(error.description()) + "; correct this line"});
}

Origin TomlReader::origin(const toml::node &node) const {
    return {file_, static_cast<unsigned>(node.source().begin.line)};
}

void TomlReader::problem(const toml::node &node, std::string message) {
    had_problem_ = true;
    problems_->push_back({origin(node), std::move(message), subject_});
}

std::optional<std::string> TomlReader::text(std::string_view key, const toml::node &node) {
    const auto *value = node.as_string();
    if (value == nullptr) {
        problem(node, std::string(key) + " must be a text in quotes");
        return std::nullopt;
    }
    return value->get();
}

std::optional<unsigned> TomlReader::number(std::string_view key, const toml::node &node) {
    const auto *value = node.as_integer();
    if (value == nullptr || value->get() < 0 || value->get() > 1'000'000) {
        problem(node, std::string(key) + " must be a whole number from 0 to 1000000");
        return std::nullopt;
    }
    return static_cast<unsigned>(value->get());
}

std::optional<bool> TomlReader::boolean(std::string_view key, const toml::node &node) {
    const auto *value = node.as_boolean();
    if (value == nullptr) {
        problem(node, std::string(key) + " must be true or false, without quotes");
        return std::nullopt;
    }
    return value->get();
}

std::optional<Duration> TomlReader::duration(std::string_view key, const toml::node &node) {
    std::optional<Duration> value;
    if (const auto *text_value = node.as_string())
        value = parse_duration(text_value->get());
    else if (const auto *seconds = node.as_integer(); seconds != nullptr)
        value = parse_duration(std::to_string(seconds->get()));
    if (!value)
        problem(node, std::string(key) + " must be a duration such as \"90s\" or \"1min 30s\"");
    return value;
}

std::vector<std::string> TomlReader::texts(std::string_view key, const toml::node &node) {
    std::vector<std::string> values;
    const auto *array = node.as_array();
    const bool is_list_of_texts =
        array != nullptr &&
        std::ranges::all_of(*array, [](const toml::node &item) { return item.is_string(); });
    if (!is_list_of_texts) {
        problem(node, std::string(key) + " must be a list of texts: [\"a\", \"b\"]");
        return values;
    }
    for (const toml::node &item : *array)
        values.push_back(item.as_string()->get());
    return values;
}

Params TomlReader::text_table(std::string_view key, const toml::node &node) {
    Params values;
    const auto *table = node.as_table();
    if (table == nullptr) {
        problem(node, std::string(key) + " must be a table: { name = \"value\" }");
        return values;
    }
    for (const auto &[name, value] : *table) {
        if (const auto *content = value.as_string())
            values.emplace(name.str(), content->get());
        else
            problem(value,
                    std::string(key) + "." + std::string(name.str()) + " must be a text in quotes");
    }
    return values;
}

std::optional<std::size_t> TomlReader::word(std::string_view key, const toml::node &node,
                                            std::span<const std::string_view> words) {
    const auto *value = node.as_string();
    const auto found =
        value == nullptr ? words.end() : std::ranges::find(words, std::string_view(value->get()));
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    std::string choices;
    for (const std::string_view choice : words)
        choices += (choices.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
    problem(node, std::string(key) + " must be one of " + choices);
    return std::nullopt;
}

} // namespace slipway
