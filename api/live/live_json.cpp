// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/live_json.h"

#include <nlohmann/json.hpp>

namespace slipway::live {

namespace {

using nlohmann::json;

std::string pretty(const json &value) {
    return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string one_line(const json &value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

json to_json(const Unit &unit) {
    return {{"name", unit.name},
            {"display_name", unit.display_name},
            {"kind", unit.kind},
            {"description", unit.description},
            {"state", unit.state},
            {"reason", unit.reason},
            {"plugin", unit.plugin},
            {"device", unit.device},
            {"wanted", unit.is_wanted},
            {"goal", unit.is_goal},
            {"waits_for", unit.waits_for},
            {"members", unit.members},
            {"expected_members", unit.expected_members},
            {"time_left_us", unit.time_left ? json(unit.time_left->count()) : json(nullptr)},
            {"path", unit.path}};
}

json to_json(const Device &device) {
    return {{"syspath", device.syspath},
            {"devnode", device.devnode},
            {"facts", device.facts},
            {"used_by", device.used_by},
            {"path", device.path}};
}

json to_json(const Prompt &prompt) {
    return {{"number", prompt.number},
            {"text", prompt.text},
            {"unit", prompt.unit},
            {"shown", prompt.is_shown},
            {"path", prompt.path}};
}

template <class T>
json to_list(const std::vector<T> &items) {
    json list = json::array();
    for (const T &item : items)
        list.push_back(to_json(item));
    return list;
}

} // namespace

std::string status_json(const Status &status) {
    return pretty({{"version", status.version},
                   {"state", status.state},
                   {"headline", status.headline},
                   {"goals", status.goals},
                   {"jobs", status.jobs},
                   {"truncated", status.is_truncated},
                   {"answers_refused", status.answers_refused},
                   {"units", to_list(status.units)},
                   {"devices", to_list(status.devices)},
                   {"prompts", to_list(status.prompts)}});
}

std::string units_json(const std::vector<Unit> &units) {
    return pretty(to_list(units));
}

std::string devices_json(const std::vector<Device> &devices) {
    return pretty(to_list(devices));
}

std::string why_json(const std::string &goal, std::string_view text) {
    json lines = json::array();
    for (const std::string &line : split_words(text, "\n")) {
        const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
        lines.push_back({{"depth", blanks / 2}, {"text", line.substr(blanks)}});
    }
    return pretty({{"goal", goal}, {"lines", lines}});
}

std::string log_json(const LogLine &line) {
    return one_line({{"level", line.level}, {"time_us", line.time.count()}, {"text", line.text}});
}

std::string change_json(const Change &change) {
    const std::string_view kind = change.kind == Change::Kind::added     ? "added"
                                  : change.kind == Change::Kind::removed ? "removed"
                                                                         : "changed";
    return one_line({{"path", change.path}, {"change", kind}, {"values", change.values}});
}

std::string done_json(std::string_view command, const std::string &object) {
    return one_line({{"command", command}, {"object", object}, {"done", true}});
}

} // namespace slipway::live
