// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace slipway {

// A unit as people see it. Times are left out: they change without an event.
struct UnitSnapshot {
    std::string name;
    std::string display_name; // of an assembly: "vg0"; otherwise empty
    std::string kind;         // as in unit files
    std::string description;
    std::string state;  // as in dump()
    std::string reason; // of a failure, or of what is not complete
    std::string plugin;
    std::string device; // the reference that it names, or empty
    bool is_wanted = false;
    bool is_goal = false;
    std::vector<std::string> waits_for; // units and "device REFERENCE"
    std::vector<std::string> members;   // of an assembly: syspaths
    unsigned expected_members = 0;      // 0: not known

    [[nodiscard]] bool operator==(const UnitSnapshot &) const = default;
};

struct DeviceSnapshot {
    std::string syspath;
    Facts facts;
    std::vector<std::string> used_by; // units whose device or member it is

    [[nodiscard]] bool operator==(const DeviceSnapshot &) const = default;
};

enum class BootState : std::uint8_t {
    booting,   // jobs run, beside services that are ready
    waiting,   // none does: something is missing
    asking,    // a person is asked
    emergency, // a goal cannot be reached
    switching  // the root is ready
};
[[nodiscard]] std::string_view to_word(BootState state);

// Reads an engine from outside, as values: for the status interface. Costs as much as the graph is
// large.
class EngineView {
public:
    explicit EngineView(const Engine &engine) : engine_(engine) {}

    [[nodiscard]] BootState state() const;
    [[nodiscard]] std::vector<std::string> goals() const;
    [[nodiscard]] std::vector<UnitSnapshot> units() const;     // by name
    [[nodiscard]] std::vector<DeviceSnapshot> devices() const; // by syspath
    // Until the unit's job or present wait ends; nothing: it has no limit, or does neither.
    [[nodiscard]] std::optional<Duration> time_left(std::string_view unit, Duration now) const;
    // Whether all that decides the barriers has said that they may be passed: what only failed, or
    // was skipped, leaves open whether a hibernated system lies there. For who writes outside of
    // the engine.
    [[nodiscard]] bool has_decided_barriers() const;
    // Jobs that are queued or run, as people call them.
    [[nodiscard]] std::vector<std::string> jobs() const;

private:
    [[nodiscard]] UnitSnapshot snapshot(const Node &node) const;
    [[nodiscard]] std::vector<std::string> waits_of(const Node &node) const;

    const Engine &engine_;
};

} // namespace slipway
