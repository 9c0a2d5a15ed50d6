// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/known_options.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "boot/boot_config.h"
#include "unit/toml_reader.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxFileBytes = 256 << 10;

std::string with_underscores(std::string_view text) {
    std::string same(text);
    std::ranges::replace(same, '-', '_');
    return same;
}

struct KnownTables {
    std::vector<std::string> both_spellings;
    std::vector<std::string> foreign;
    Params unsupported;
};

struct WordTable {
    std::vector<std::string> words;
};

constexpr std::array kWordKeys = {
    TomlKey<WordTable>{"words", [](TomlReader &reader, std::string_view key, const toml::node &node,
                                   WordTable &table) { table.words = reader.texts(key, node); }},
};

std::vector<std::string> read_words(TomlReader &reader, std::string_view key,
                                    const toml::node &node) {
    WordTable words;
    if (const toml::table *table = node.as_table())
        read_table<WordTable>(reader, *table, kWordKeys, words);
    else
        reader.problem(node, std::string(key) + " must be a table with words = […]");
    return std::move(words.words);
}

constexpr std::array kTables = {
    TomlKey<KnownTables>{
        "both_spellings",
        [](TomlReader &reader, std::string_view key, const toml::node &node, KnownTables &tables) {
            tables.both_spellings = read_words(reader, key, node);
        }},
    TomlKey<KnownTables>{
        "foreign", [](TomlReader &reader, std::string_view key, const toml::node &node,
                      KnownTables &tables) { tables.foreign = read_words(reader, key, node); }},
    TomlKey<KnownTables>{
        "unsupported",
        [](TomlReader &reader, std::string_view key, const toml::node &node, KnownTables &tables) {
            tables.unsupported = reader.text_table(key, node);
        }},
};

std::string shown(const CommandLineWord &word) {
    return "\"" + printable(word.key, 80) + (word.value ? "=…\"" : "\"");
}

bool is_meant_for_initrd(std::string_view key) {
    return key.starts_with("rd.") || key.starts_with("slipway.");
}

bool is_core_key(std::string_view key) {
    return std::ranges::any_of(core_option_keys(),
                               [&](std::string_view core) { return is_same_key(core, key); });
}

} // namespace

Result<KnownOptions> KnownOptions::parse(std::string_view text, std::string_view file) {
    const std::string name(file);
    if (text.size() > kMaxFileBytes)
        return failure(name + ": the file is larger than 256 KiB");
    const auto parsed = parse_toml(text, file);
    if (!parsed)
        return failure(name + ":" + std::to_string(parsed.error().line) + ": " +
                       parsed.error().message);
    std::vector<UnitProblem> problems;
    TomlReader reader(name, problems);
    KnownTables tables;
    read_table<KnownTables>(reader, *parsed, kTables, tables);
    if (!problems.empty())
        return failure(problems.front().text());
    KnownOptions known;
    known.both_spellings_ = std::move(tables.both_spellings);
    for (const std::string &word : tables.foreign)
        known.foreign_.push_back(with_underscores(word));
    for (auto &[word, note] : tables.unsupported)
        known.unsupported_.emplace_back(with_underscores(word), std::move(note));
    return known;
}

std::vector<std::string> KnownOptions::report(const KernelCommandLine &line,
                                              std::span<const OptionSpec> declared) const {
    std::vector<std::string> messages;
    for (const CommandLineWord &word : line.words()) {
        std::string text = message(word, declared);
        if (!text.empty() && std::ranges::find(messages, text) == messages.end())
            messages.push_back(std::move(text));
    }
    return messages;
}

// Empty if there is nothing to say.
std::string KnownOptions::message(const CommandLineWord &word,
                                  std::span<const OptionSpec> declared) const {
    const auto option = std::ranges::find_if(declared, [&](const OptionSpec &spec) {
        return is_option(spec, word.key, both_spellings_);
    });
    if (option != declared.end()) {
        if (word.value || option->bare)
            return "";
        return "option " + shown(word) + " needs a value (\"" + option->key + "=…\"): ignored";
    }
    if (is_core_key(word.key))
        return "";
    const std::string key = with_underscores(word.key);
    for (const auto &[pattern, note] : unsupported_) {
        if (matches_pattern(pattern, key))
            return "option " + shown(word) + " is not supported: " + note;
    }
    return is_foreign(word) ? "" : unknown_message(word, declared);
}

bool KnownOptions::is_foreign(const CommandLineWord &word) const {
    const std::string key = with_underscores(word.key);
    if (std::ranges::any_of(
            foreign_, [&](const std::string &pattern) { return matches_pattern(pattern, key); }))
        return true;
    if (is_meant_for_initrd(key))
        return false;
    // A parameter of a kernel module, or of a program of the host; and a bare word that the kernel
    // does not know goes to the real init.
    const std::size_t dot = key.find('.');
    const bool is_parameter = dot != std::string::npos && dot > 0 && dot + 1 < key.size();
    return is_parameter || !word.value;
}

std::string KnownOptions::unknown_message(const CommandLineWord &word,
                                          std::span<const OptionSpec> declared) const {
    std::vector<std::string> candidates(core_option_keys().begin(), core_option_keys().end());
    for (const OptionSpec &option : declared)
        candidates.push_back(option.key);
    for (const auto &[pattern, note] : unsupported_) {
        if (!pattern.contains('*'))
            candidates.push_back(pattern);
    }
    const auto near = nearest_word(word.key.substr(0, 80), candidates);
    return "unknown option " + shown(word) + ": ignored" +
           (near ? "; nearest known: \"" + *near + "\"" : "");
}

} // namespace slipway
