// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/uevent.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array kActions = {
    std::pair{std::string_view("add"), Uevent::Action::add},
    std::pair{std::string_view("change"), Uevent::Action::change},
    std::pair{std::string_view("remove"), Uevent::Action::remove},
    std::pair{std::string_view("move"), Uevent::Action::move},
    std::pair{std::string_view("online"), Uevent::Action::online},
    std::pair{std::string_view("offline"), Uevent::Action::offline},
    std::pair{std::string_view("bind"), Uevent::Action::bind},
    std::pair{std::string_view("unbind"), Uevent::Action::unbind},
};

// Keys that are facts under a name of their own. DEVNAME and DEVPATH are translated apart.
constexpr std::array kNames = {
    Pair{"ACTION", "action"},   Pair{"DEVTYPE", "devtype"},
    Pair{"DISKSEQ", "diskseq"}, Pair{"DM_COOKIE", "dm_cookie"},
    Pair{"DRIVER", "driver"},   Pair{"MAJOR", "major"},
    Pair{"MINOR", "minor"},     Pair{"MODALIAS", "modalias"},
    Pair{"PARTN", "partn"},     Pair{"PARTUUID", "partuuid_kernel"},
    Pair{"SEQNUM", "seqnum"},   Pair{"SUBSYSTEM", "subsystem"},
};

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T number{};
    const char *end = std::to_address(text.end());
    const auto [last, error] = std::from_chars(std::to_address(text.begin()), end, number);
    return error == std::errc{} && last == end ? std::optional(number) : std::nullopt;
}

std::unexpected<Error> malformed(std::string_view what, std::string_view text) {
    return failure("malformed kernel event: " + std::string(what) + " in \"" +
                   printable(text, 120) + "\"");
}

// Everything up to the next NUL, which is removed as well.
std::string_view take_string(std::string_view &message) {
    const std::size_t end = std::min(message.find('\0'), message.size());
    const std::string_view text = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    return text;
}

Result<> add_fact(DeviceFacts &facts, std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return malformed("no KEY=VALUE", assignment);
    const std::string_view key = assignment.substr(0, equals);
    const std::string_view value = assignment.substr(equals + 1);
    if (key == "DEVPATH")
        return {};
    if (key == "DEVNAME") {
        // Relative to /dev, with '!' already translated: "vda1", "input/event0".
        if (!has_plain_parts(value))
            return malformed("bad DEVNAME", assignment);
        facts.insert_or_assign("devnode", "/dev/" + std::string(value));
        return {};
    }
    facts.insert_or_assign(fact_of_uevent_key(key), std::string(value));
    return {};
}

std::string_view value_of(const DeviceFacts &facts, std::string_view key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string_view() : std::string_view(found->second);
}

// What the rest of slipway relies on.
Result<> check_facts(const DeviceFacts &facts, std::string_view header) {
    if (value_of(facts, "action") != header.substr(0, header.find('@')))
        return malformed("ACTION is missing or contradicts the first line", header);
    if (value_of(facts, "subsystem").empty())
        return malformed("no SUBSYSTEM", header);
    for (const std::string_view key : {"major", "minor"}) {
        const std::string_view number = value_of(facts, key);
        if (!number.empty() && !parse_number<std::uint32_t>(number))
            return malformed("a device number is no number", header);
    }
    return {};
}

// "add@/devices/…"
Result<> parse_header(Uevent &event, std::string_view header) {
    const std::size_t at = header.find('@');
    if (at == std::string_view::npos)
        return malformed("no ACTION@PATH", header);
    const auto action = uevent_action(header.substr(0, at));
    if (!action)
        return malformed("unknown action", header);
    const std::string_view path = header.substr(at + 1);
    if (!path.starts_with('/') || !has_plain_parts(path.substr(1)))
        return malformed("bad path", header);
    event.action = *action;
    event.syspath = "/sys" + std::string(path);
    return {};
}

} // namespace

std::optional<Uevent::Action> uevent_action(std::string_view word) {
    const auto *action = std::ranges::find(kActions, word, &decltype(kActions)::value_type::first);
    return action == kActions.end() ? std::nullopt : std::optional(action->second);
}

std::string fact_of_uevent_key(std::string_view key) {
    const auto *name = std::ranges::find(kNames, key, &Pair::first);
    return name == kNames.end() ? "uevent." + std::string(key) : std::string(name->second);
}

bool has_plain_parts(std::string_view path) {
    while (true) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (end == path.size())
            return true;
        path.remove_prefix(end + 1);
    }
}

Result<Uevent> parse_uevent(std::string_view message) {
    if (message.size() > kMaxUeventBytes)
        return failure("malformed kernel event: larger than the limit of 16384 bytes");
    Uevent event;
    const std::string_view header = take_string(message);
    if (auto parsed = parse_header(event, header); !parsed)
        return std::unexpected(std::move(parsed.error()));
    for (std::size_t keys = 0; !message.empty(); ++keys) {
        if (keys == kMaxUeventKeys)
            return malformed("more than 256 keys", header);
        if (auto added = add_fact(event.facts, take_string(message)); !added)
            return std::unexpected(std::move(added.error()));
    }
    if (auto checked = check_facts(event.facts, header); !checked)
        return std::unexpected(std::move(checked.error()));
    const auto sequence = parse_number<std::uint64_t>(value_of(event.facts, "seqnum"));
    if (!sequence)
        return malformed("SEQNUM is missing or no number", header);
    event.sequence = *sequence;
    return event;
}

} // namespace slipway
