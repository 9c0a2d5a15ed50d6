// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/toml_reader.h"

#include <algorithm>

namespace slipway {

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
