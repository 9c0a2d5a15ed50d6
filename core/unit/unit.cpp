// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit.h"

#include <algorithm>

namespace slipway {

namespace {

bool matches_value(std::string_view pattern, std::string_view value) {
    if (pattern == "yes" || pattern == "no")
        return parse_boolean(value) == (pattern == "yes");
    return matches_pattern(pattern, value);
}

} // namespace

bool holds(const UnitCondition &condition, const Facts &values) {
    return std::ranges::all_of(condition, [&values](const auto &entry) {
        const auto lines = split_words(fact(values, entry.first), "\n");
        if (entry.second == "!")
            return lines.empty();
        return std::ranges::any_of(
            lines, [&entry](const std::string &line) { return matches_value(entry.second, line); });
    });
}

namespace {

std::string with_key(std::string text, std::string_view key) {
    constexpr std::string_view kPlace = "{key}";
    for (std::size_t at = text.find(kPlace); at != std::string::npos;
         at = text.find(kPlace, at + key.size()))
        text.replace(at, kPlace.size(), key);
    return text;
}

} // namespace

Unit instance_of(const Unit &base, std::string_view name) {
    Unit unit = base;
    unit.name = name;
    const std::string key = instance_key(name);
    for (auto *list : {&unit.required, &unit.wants, &unit.after, &unit.before, &unit.conflicts,
                       &unit.milestones, &unit.any_of}) {
        for (std::string &other : *list)
            other = with_key(std::move(other), key);
    }
    for (auto &[param, value] : unit.params)
        value = with_key(std::move(value), key);
    if (unit.device)
        unit.device = DeviceReference::parse(with_key(unit.device->text(), key));
    return unit;
}

std::string template_name(std::string_view unit_name) {
    const std::size_t at = unit_name.find('@');
    return at == std::string_view::npos ? std::string() : std::string(unit_name.substr(0, at + 1));
}

std::string instance_key(std::string_view unit_name) {
    const std::size_t at = unit_name.find('@');
    return at == std::string_view::npos ? std::string() : std::string(unit_name.substr(at + 1));
}

bool Claim::matches(const Facts &facts) const {
    return std::ranges::all_of(match, [&facts](const auto &entry) {
        const std::string_view value = fact(facts, entry.first);
        if (entry.second == "!")
            return value.empty();
        if (!value.contains('\n'))
            return !value.empty() && matches_pattern(entry.second, value);
        // A list: one of its lines must match.
        return std::ranges::any_of(split_words(value, "\n"), [&entry](const std::string &line) {
            return matches_pattern(entry.second, line);
        });
    });
}

bool Breakpoint::holds(std::string_view unit) const {
    bool is_held = false;
    for (const std::string_view pattern : held) {
        if (pattern.starts_with('!') && matches_pattern(pattern.substr(1), unit))
            return false;
        is_held = is_held || matches_pattern(pattern, unit);
    }
    return is_held;
}

} // namespace slipway
