// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

// A running boot as the status interface tells it (docs/dbus.md), in plain values.
namespace slipway::live {

struct Unit {
    std::string path; // of the D-Bus object
    std::string name;
    std::string display_name;
    std::string kind;
    std::string description;
    std::string state;
    std::string reason;
    std::string plugin;
    std::string device;
    bool is_wanted = false;
    bool is_goal = false;
    std::vector<std::string> waits_for;
    std::vector<std::string> members;
    std::uint32_t expected_members = 0;
    std::optional<Duration> time_left;
};

struct Device {
    std::string path;
    std::string syspath;
    std::string devnode;
    std::map<std::string, std::string> facts;
    std::vector<std::string> used_by;
};

struct Prompt {
    std::string path;
    std::uint32_t number = 0; // the last part of `path`
    std::string text;
    std::string unit;
    bool is_shown = false;
};

struct Status {
    std::string version;
    std::string state;
    std::string headline;
    std::vector<std::string> goals;
    std::vector<std::string> jobs;
    bool is_truncated = false;
    std::string answers_refused; // why answers of this client are not taken; empty: they are
    std::vector<Unit> units;     // by name
    std::vector<Device> devices; // by syspath
    std::vector<Prompt> prompts; // the oldest first
};

struct LogLine {
    std::uint32_t level = 6; // of syslog(3)
    Duration time{0};
    std::string text;
};

// Something that happened, for `slipway monitor`.
struct Change {
    std::string path;
    enum class Kind : std::uint8_t { added, changed, removed } kind = Kind::changed;
    std::map<std::string, std::string> values; // of properties, as text
};

} // namespace slipway::live
