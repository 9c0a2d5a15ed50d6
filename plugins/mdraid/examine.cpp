// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdraid/examine.h"

#include <algorithm>
#include <charconv>
#include <format>

#include "base/letter_case.h"
#include "base/number.h"
#include "base/text.h"

namespace slipway::mdraid {

namespace {

constexpr unsigned kMaxMembers = 4096; // more than any metadata holds

std::optional<unsigned> bounded_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && value <= kMaxMembers ? std::optional(value) : std::nullopt;
}

unsigned parse_count(std::string_view text) {
    return bounded_number(text).value_or(0);
}

// "host:root  (local to host host)" → "root"; "any:root" → "root".
std::string plain_name(std::string_view value) {
    value = trimmed(value.substr(0, value.find("  (")));
    if (const std::size_t colon = value.find(':'); colon != std::string_view::npos)
        value.remove_prefix(colon + 1);
    return std::string(value);
}

// "AA.R ('A' == active, …)", a letter for each slot: replacing members take part, too.
void read_array_state(std::string_view state, Superblock &found) {
    state = state.substr(0, std::min<std::size_t>(state.find(' '), kMaxMembers));
    found.slots.clear();
    for (unsigned slot = 0; slot < state.size(); ++slot) {
        if (state[slot] == 'A' || state[slot] == 'R')
            found.slots.push_back({slot});
    }
    found.active = static_cast<unsigned>(found.slots.size());
}

// "Active device 2", "Replacement device 2", "spare", "Journal"
void read_role(std::string_view role, Superblock &found) {
    constexpr std::string_view kActive = "Active device ";
    found.is_spare = role == "spare";
    found.slot =
        role.starts_with(kActive) ? bounded_number(role.substr(kActive.size())) : std::nullopt;
}

// "A:B" → "A", "B"; the first colon counts.
std::pair<std::string_view, std::string_view> split_field(std::string_view line) {
    const std::size_t colon = line.find(" : ");
    if (colon == std::string_view::npos)
        return {};
    return {trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 3))};
}

void read_field(std::string_view key, std::string_view value, Superblock &found) {
    if (key == "Array UUID" || key == "UUID")
        found.uuid = lower_case(value.substr(0, value.find(' ')));
    else if (key == "Name")
        found.name = plain_name(value);
    else if (key == "Raid Level")
        found.level = lower_case(value);
    else if (key == "Array State")
        read_array_state(value, found);
    else if (key == "Active Devices") // of 0.90, which has no "Array State"
        found.active = parse_count(value);
    else if (key == "Device Role")
        read_role(value, found);
}

// "8:17"; a name with a line break can look like a row of the table, and must not reach a console.
std::string device_in(const std::string &major, const std::string &minor) {
    const bool are_numbers = parse_number<unsigned>(major) && parse_number<unsigned>(minor);
    return are_numbers ? major + ":" + minor : std::string();
}

// 0.90 tells the roles in a table, first the one of the member itself:
//     Number   Major   Minor   RaidDevice State
// this     2     254       32       -1      spare   /dev/vdc
//    0     0     254        0        0      active sync   /dev/vda
// The node is what has the number now, perhaps another disk, so it says nothing.
void read_row(std::string_view line, Superblock &found) {
    constexpr std::size_t kLeast = 6;
    const auto words = split_words(line, " \t");
    if (words.size() < kLeast)
        return;
    const bool is_own = words[0] == "this";
    if (!is_own && (!bounded_number(words[0]) || found.slots.size() == kMaxMembers))
        return;
    if (is_own)
        found.is_spare = std::ranges::contains(words, "spare");
    const auto slot = bounded_number(words[4]);
    if (!slot || !std::ranges::contains(words, "active"))
        return;
    if (is_own)
        found.slot = slot;
    else
        found.slots.push_back({*slot, device_in(words[2], words[3])});
}

} // namespace

Result<Superblock> parse_examine(std::string_view text) {
    Superblock found;
    for (const std::string &line : split_words(text, "\n")) {
        const auto [key, value] = split_field(line);
        if (key.empty())
            read_row(line, found);
        else
            read_field(key, value, found);
    }
    if (found.uuid.empty() || found.level.empty())
        return failure("mdadm finds no array in its superblock; mdadm --examine shows what is left "
                       "of it");
    return found;
}

Exported parse_exported(std::string_view text) {
    Exported found;
    for (const std::string &line : split_words(text, "\n")) {
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos)
            found.insert_or_assign(line.substr(0, equals), line.substr(equals + 1));
    }
    return found;
}

Result<Superblock> container_of(const Exported &exported) {
    const auto value = [&](const char *key) {
        const auto found = exported.find(key);
        return found == exported.end() ? std::string() : found->second;
    };
    Superblock found;
    found.uuid = lower_case(value("MD_UUID"));
    found.level = value("MD_LEVEL");
    found.name = value("MD_NAME");
    found.active = parse_count(value("MD_DEVICES"));
    found.is_container = true;
    if (found.uuid.empty())
        return failure("mdadm finds no RAID set of the firmware in its metadata");
    return found;
}

bool is_same_uuid(std::string_view first, std::string_view second) {
    const auto digits = [](std::string_view text) {
        std::string result = lower_case(text);
        std::erase_if(result, [](char c) { return c == ':' || c == '-'; });
        return result;
    };
    return !first.empty() && digits(first) == digits(second);
}

} // namespace slipway::mdraid
