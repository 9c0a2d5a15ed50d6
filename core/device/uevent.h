// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway {

// The same type as Facts of core/unit, which this folder does not know.
using DeviceFacts = std::map<std::string, std::string, std::less<>>;

// What the kernel says about a device when something happens to it: lib/kobject_uevent.c,
// Documentation/ABI/testing/sysfs-uevent.
struct Uevent {
    enum class Action : std::uint8_t { add, change, remove, move, online, offline, bind, unbind };

    Action action = Action::add;
    std::string syspath; // "/sys/devices/…"
    std::uint64_t sequence = 0;
    // docs/architecture.md, "Facts": `subsystem`, `devnode` ("/dev/vda1"), `modalias`, …; every
    // key without a name of its own is there as `uevent.KEY`.
    DeviceFacts facts;
};

// Larger messages, and more keys, are refused. The kernel's own limits are 2048 bytes and 64 keys.
inline constexpr std::size_t kMaxUeventBytes = 16384;
inline constexpr std::size_t kMaxUeventKeys = 256;

// "add" → Action::add; nothing for a word that the kernel does not use.
[[nodiscard]] std::optional<Uevent::Action> uevent_action(std::string_view word);
// The fact that a key of an event becomes: "MODALIAS" → "modalias", "FOO" → "uevent.FOO".
[[nodiscard]] std::string fact_of_uevent_key(std::string_view key);
// No "", "." or ".." between the slashes: a path that stays where it starts.
[[nodiscard]] bool has_plain_parts(std::string_view path);

// `message`: one datagram of the kernel, "add@/devices/…\0ACTION=add\0DEVPATH=…\0KEY=VALUE\0…". An
// error names what is malformed; the message is then of no use.
[[nodiscard]] Result<Uevent> parse_uevent(std::string_view message);

} // namespace slipway
