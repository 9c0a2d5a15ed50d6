// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The only place that includes toml++. Values are read with their position, so that each message
// can name file and line.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
// Hostile text runs into an assertion of toml++ 3.4 (a line with nothing but "["), and with NDEBUG
// the assertions are promises to the optimizer. Both are off: its parser reports such text itself.
#define TOML_ASSERT(expression) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.hpp>
#pragma pop_macro("NDEBUG")

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unit/unit.h"

namespace slipway {

// Why a text is refused as a whole.
struct TomlFailure {
    unsigned line = 0;
    std::string message;
};

// Parses a text that need not be trusted: what toml++ would not survive is refused first.
[[nodiscard]] std::expected<toml::table, TomlFailure> parse_toml(std::string_view text,
                                                                 std::string_view file);

// Collects problems of one file.
class TomlReader {
public:
    TomlReader(std::string file, std::vector<UnitProblem> &problems)
        : file_(std::move(file)), problems_(&problems) {}

    [[nodiscard]] Origin origin(const toml::node &node) const;
    void problem(const toml::node &node, std::string message);
    // Names the unit or plugin that the next problems belong to.
    void set_subject(std::string subject) { subject_ = std::move(subject); }
    [[nodiscard]] bool had_problem() const noexcept { return had_problem_; }
    void forget_problems() noexcept { had_problem_ = false; }

    // Each reads one value, or reports what was expected: "key must be a …".
    [[nodiscard]] std::optional<std::string> text(std::string_view key, const toml::node &node);
    [[nodiscard]] std::optional<unsigned> number(std::string_view key, const toml::node &node);
    [[nodiscard]] std::optional<bool> boolean(std::string_view key, const toml::node &node);
    [[nodiscard]] std::optional<Duration> duration(std::string_view key, const toml::node &node);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key, const toml::node &node);
    [[nodiscard]] Params text_table(std::string_view key, const toml::node &node);
    // The position of the word in `words`.
    [[nodiscard]] std::optional<std::size_t> word(std::string_view key, const toml::node &node,
                                                  std::span<const std::string_view> words);

private:
    std::string file_;
    std::string subject_;
    bool had_problem_ = false;
    std::vector<UnitProblem> *problems_;
};

// One row per key: adding a key is adding a row.
template <class T>
struct TomlKey {
    std::string_view name;
    void (*read)(TomlReader &reader, std::string_view key, const toml::node &node, T &target);
    // For drop-ins: takes what `read` filled in from one object to another.
    void (*copy)(const T &from, T &to) = nullptr;
};

// Reads every key of `table` by the rows of `keys`; unknown ones are reported with the nearest row.
template <class T>
void read_table(TomlReader &reader, const toml::table &table, std::span<const TomlKey<T>> keys,
                T &target) {
    for (const auto &[key, node] : table) {
        bool is_known = false;
        for (const TomlKey<T> &row : keys) {
            if (row.name != key.str())
                continue;
            row.read(reader, row.name, node, target);
            is_known = true;
        }
        if (is_known)
            continue;
        std::vector<std::string> names;
        for (const TomlKey<T> &row : keys)
            names.emplace_back(row.name);
        const auto near = nearest_word(key.str(), names);
        reader.problem(node, "unknown key \"" + printable(key.str(), 80) + "\"" +
                                 (near ? "; did you mean \"" + *near + "\"?"
                                       : "; the keys are: " + join(names, ", ")));
    }
}

} // namespace slipway
