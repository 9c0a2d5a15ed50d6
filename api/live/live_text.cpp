// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/live_text.h"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>

namespace slipway::live {

namespace {

constexpr std::string_view kReset = "\x1b[0m";

std::string_view colour_of(std::string_view state) {
    if (state == "failed" || state == "emergency")
        return "\x1b[31m";
    if (state == "ready" || state == "skipped" || state == "switching" || state == "booted")
        return "\x1b[32m";
    if (state == "running" || state == "starting" || state == "booting")
        return "\x1b[36m";
    if (state == "waiting" || state == "gathering" || state == "degraded-wait" ||
        state == "degraded" || state == "asking")
        return "\x1b[33m";
    return "";
}

// Cut by bytes at the end of a character; good enough for names of devices.
std::string cut(std::string line, std::size_t width) {
    if (width == 0 || line.size() <= width)
        return line;
    std::size_t end = width;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
        --end;
    line.resize(end);
    return line;
}

class Lines {
public:
    explicit Lines(const TextStyle &style) : style_(style) {}

    void add(std::string_view text) {
        text_ += cut(printable(text, text.size() + 1), style_.width);
        text_ += '\n';
    }
    // `indent`, the state in its colour, padded, and the rest.
    void add_state(std::string_view indent, std::string_view state, std::string_view rest) {
        const std::string shown = printable(state, 40);
        const std::string line =
            cut(std::format("{}{:<13} {}", indent, shown, printable(rest, rest.size() + 1)),
                style_.width);
        const std::string_view colour = style_.has_colours ? colour_of(state) : "";
        if (colour.empty() || line.size() < indent.size() + shown.size())
            text_ += line;
        else
            text_ += std::format("{}{}{}{}{}", indent, colour, shown, kReset,
                                 line.substr(indent.size() + shown.size()));
        text_ += '\n';
    }
    void add_heading(std::string_view text) {
        text_ += style_.has_colours ? std::format("\n\x1b[1m{}{}\n", text, kReset)
                                    : std::format("\n{}\n", text);
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    TextStyle style_;
    std::string text_;
};

std::string title(const Unit &unit) {
    return unit.display_name.empty() ? unit.name : unit.name + " (" + unit.display_name + ")";
}

bool is_at_work(const Unit &unit) {
    return unit.state == "running" || unit.state == "starting";
}

bool is_waiting(const Unit &unit) {
    return unit.is_wanted && (unit.state == "waiting" || unit.state == "gathering" ||
                              unit.state == "startable" || unit.state == "degraded-wait");
}

std::string details(const Unit &unit) {
    std::string text = title(unit);
    if (unit.time_left)
        text += "; " + format_duration(*unit.time_left) + " left";
    if (unit.kind == "assembly" && !unit.members.empty() && unit.state != "ready")
        text +=
            std::format("; {} of {} members", unit.members.size(),
                        unit.expected_members == 0 ? "?" : std::to_string(unit.expected_members));
    if (!unit.reason.empty())
        text += "; " + unit.reason;
    else if (!unit.waits_for.empty())
        text += "; waits for " + join(unit.waits_for, ", ");
    return text;
}

template <class Predicate>
void add_units(Lines &lines, const Status &status, std::string_view heading, Predicate belongs) {
    bool has_heading = false;
    for (const Unit &unit : status.units) {
        if (!belongs(unit))
            continue;
        if (!has_heading)
            lines.add_heading(heading);
        has_heading = true;
        lines.add_state("  ", unit.state, details(unit));
    }
}

bool is_of_interest(const Device &device) {
    const auto subsystem = device.facts.find("subsystem");
    return subsystem != device.facts.end() &&
           (subsystem->second == "block" || subsystem->second == "net");
}

std::string value_of(const Device &device, const std::string &fact) {
    const auto found = device.facts.find(fact);
    return found == device.facts.end() ? "" : found->second;
}

std::string device_line(const Device &device) {
    std::string text = device.devnode.empty() ? device.syspath.substr(device.syspath.rfind('/') + 1)
                                              : device.devnode;
    for (const auto &[fact, label] :
         std::array<std::pair<std::string, std::string>, 4>{{{"fs_type", " "},
                                                             {"fs_uuid", " UUID="},
                                                             {"fs_label", " LABEL="},
                                                             {"part_label", " PARTLABEL="}}}) {
        if (const std::string value = value_of(device, fact); !value.empty())
            text += label + value;
    }
    if (!device.used_by.empty())
        text += "  <- " + join(device.used_by, ", ");
    return text;
}

} // namespace

std::string status_text(const Status &status, const TextStyle &style) {
    Lines lines(style);
    lines.add_state("", status.state, status.headline);
    if (status.is_truncated)
        lines.add("This is old: the record of the boot has reached its limit.");
    add_units(lines, status, "Goals", [](const Unit &unit) { return unit.is_goal; });
    add_units(lines, status, "Running",
              [](const Unit &unit) { return is_at_work(unit) && !unit.is_goal; });
    add_units(lines, status, "Waiting",
              [](const Unit &unit) { return is_waiting(unit) && !unit.is_goal; });
    add_units(lines, status, "Failed",
              [](const Unit &unit) { return unit.state == "failed" && !unit.is_goal; });
    if (!status.prompts.empty())
        lines.add_heading("Questions (slipway answer)");
    for (const Prompt &prompt : status.prompts)
        lines.add(std::format("  {:<3} {}{}", prompt.number, prompt.text,
                              prompt.is_shown ? "" : " (after the one before)"));
    if (!status.prompts.empty() && !status.answers_refused.empty())
        lines.add("  But " + status.answers_refused + ".");
    if (std::ranges::any_of(status.devices, is_of_interest))
        lines.add_heading("Devices");
    for (const Device &device : status.devices) {
        if (is_of_interest(device))
            lines.add("  " + device_line(device));
    }
    return lines.take();
}

std::string units_text(const std::vector<Unit> &units, bool all, const TextStyle &style) {
    Lines lines(style);
    for (const Unit &unit : units) {
        if (all || unit.is_wanted || unit.is_goal || unit.state == "failed")
            lines.add_state("", unit.state, details(unit));
    }
    return lines.take();
}

std::string devices_text(const std::vector<Device> &devices, bool all, bool has_facts,
                         const TextStyle &style) {
    Lines lines(style);
    for (const Device &device : devices) {
        if (!all && !is_of_interest(device))
            continue;
        lines.add(device_line(device));
        if (!has_facts)
            continue;
        lines.add("  syspath = " + device.syspath);
        for (const auto &[fact, value] : device.facts) {
            std::string one_line = value;
            std::ranges::replace(one_line, '\n', ' ');
            lines.add("  " + fact + " = " + one_line);
        }
    }
    return lines.take();
}

std::string log_text(const LogLine &line) {
    constexpr std::array<std::string_view, 8> kLevels = {
        "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"};
    const double seconds = static_cast<double>(line.time.count()) / 1e6;
    return std::format("{:>11.6f} {:<7} {}\n", seconds,
                       kLevels.at(std::min<std::size_t>(line.level, kLevels.size() - 1)),
                       printable(line.text, line.text.size() + 1));
}

std::string change_text(const Change &change) {
    const std::string_view sign = change.kind == Change::Kind::added     ? "+"
                                  : change.kind == Change::Kind::removed ? "-"
                                                                         : " ";
    std::string text = std::format("{} {}", sign, change.path);
    for (const auto &[property, value] : change.values)
        text += " " + property + "=" + value;
    return printable(text, text.size() + 1) + "\n";
}

} // namespace slipway::live
