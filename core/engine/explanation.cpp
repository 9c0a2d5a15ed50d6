// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/explanation.h"

#include <algorithm>

namespace slipway {

std::string Engine::why() const {
    return Explanation(*this).why();
}

std::string Engine::headline() const {
    return {};
}

std::string Engine::dump() const {
    return Explanation(*this).dump();
}

namespace {

std::string replace_key(std::string_view text, const std::string &unit_name) {
    return expand_facts(text, {{"key", instance_key(unit_name)}});
}

} // namespace

std::string Explanation::why() {
    const auto goal = engine_.graph_.find(engine_.config_.goal);
    if (goal)
        explain(*goal, 0);
    else
        line(0, "there is no unit \"" + engine_.config_.goal +
                    "\"; the image lacks its unit files: build it again with slipway build");
    return std::move(text_);
}

void Explanation::line(unsigned depth, std::string_view text) {
    text_.append(depth * std::size_t{2}, ' ');
    text_ += printable(text);
    text_ += '\n';
}

std::string Explanation::title(const Node &node) const {
    std::string text = node.unit.name;
    if (!node.display_name.empty())
        text += " (" + node.display_name + ")";
    else if (const auto name = node.unit.params.find("name"); name != node.unit.params.end())
        text += " (" + name->second + ")";
    return text;
}

std::string Explanation::time_left(std::optional<Duration> deadline) const {
    if (!deadline)
        return "no time limit";
    if (engine_.clock_.is_stopped())
        return "the clock stands still while a prompt is open";
    const Duration left = std::max(Duration{0}, *deadline - engine_.runnable_now());
    return format_duration(left) + " left";
}

void Explanation::explain(Graph::Index index, unsigned depth) {
    const Node &node = engine_.graph_.at(index);
    if (!told_.insert(index).second || depth > 16)
        return;
    switch (node.state) {
    case NodeState::ready:
        return;
    case NodeState::idle:
        line(depth, title(node) + " is not wanted by anything");
        return;
    case NodeState::running:
        line(depth, title(node) + " is running");
        return;
    case NodeState::failed:
        line(depth, title(node) + " failed: " + node.reason);
        break;
    case NodeState::waiting:
        line(depth, title(node) + " waits");
        break;
    }
    explain_waiting(node, depth + 1);
}

void Explanation::explain_waiting(const Node &node, unsigned depth) {
    for (const auto *list : {&node.unit.required, &node.unit.wants, &node.unit.after}) {
        for (const std::string &name : *list) {
            if (const auto other = engine_.graph_.find(name))
                explain(*other, depth);
            else if (list == &node.unit.required)
                line(depth, "unit " + name + " is not defined" +
                                (engine_.imports_open_ > 0 ? " yet" : ""));
        }
    }
    if (node.unit.device && node.candidates.empty() &&
        told_references_.insert(node.unit.device->text()).second)
        explain_device_wait(node, depth);
    for (const std::string &missing : node.missing)
        line(depth, "missing: " + missing);
    if (node.is_assembly() && !node.unit.device && !node.is_complete())
        line(depth, std::to_string(node.members.size()) + " of " +
                        (node.expected == 0 ? "?" : std::to_string(node.expected)) +
                        " members are there; " + time_left(node.degraded_deadline));
}

void Explanation::explain_device_wait(const Node &node, unsigned depth) {
    const bool is_over = node.state == NodeState::failed;
    line(depth, "device " + node.unit.device->text() + " is not there; " +
                    (is_over ? "the time for it is over" : time_left(node.device_deadline)));
    explain_assemblies(depth + 1);
    explain_devices(depth + 1);
}

bool Explanation::is_worth_telling(const Node &node) const {
    return node.is_assembly() && node.state != NodeState::ready &&
           (node.is_wanted || !node.members.empty());
}

void Explanation::explain_assemblies(unsigned depth) {
    for (const auto &[name, index] : engine_.graph_.by_name()) {
        const Node &node = engine_.graph_.at(index);
        if (!is_worth_telling(node))
            continue;
        if (node.is_wanted) {
            explain(index, depth);
            continue;
        }
        if (!told_.insert(index).second)
            continue;
        std::string members;
        for (const std::string &member : node.members)
            members += (members.empty() ? "" : ", ") + device_title(member);
        line(
            depth,
            title(node) + " on " + members + " could be started, but nothing names it" +
                (node.unit.hint.empty() ? "" : "; " + replace_key(node.unit.hint, node.unit.name)));
    }
}

std::string Explanation::device_title(std::string_view syspath) const {
    const Facts *facts = engine_.facts(syspath);
    const std::string_view devnode = facts == nullptr ? "" : fact(*facts, "devnode");
    return std::string(devnode.empty() ? syspath : devnode);
}

void Explanation::explain_devices(unsigned depth) {
    std::string seen;
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        if (fact(device.facts, "subsystem") != "block" || fact(device.facts, "ready") != "1")
            continue;
        seen += (seen.empty() ? "" : ", ") + device_title(syspath);
        const std::string_view type = fact(device.facts, "fs_type");
        const std::string_view uuid = fact(device.facts, "fs_uuid");
        const std::string_view label = fact(device.facts, "fs_label");
        if (type.empty())
            continue;
        seen += " (" + std::string(type);
        if (!uuid.empty())
            seen += " UUID=" + std::string(uuid);
        if (!label.empty())
            seen += " LABEL=" + std::string(label);
        seen += ")";
    }
    line(depth, seen.empty() ? "no block device was seen: is the disk's driver in the image?"
                             : "block devices seen: " + seen);
}

std::string Explanation::state_word(const Node &node) const {
    switch (node.state) {
    case NodeState::idle:
        return node.is_assembly() ? "gathering" : "idle";
    case NodeState::waiting:
        if (node.is_assembly() && node.degraded_deadline)
            return "degraded-wait";
        if (node.is_assembly())
            return node.is_complete() ? "startable" : "gathering";
        return "waiting";
    case NodeState::running:
        return node.is_assembly() ? "starting" : "running";
    case NodeState::ready:
        return node.is_degraded ? "degraded" : "ready";
    case NodeState::failed:
        return "failed";
    }
    return "?";
}

void Explanation::dump_node(const Node &node) {
    std::string text = "unit " + title(node) + ": " + state_word(node);
    if (node.is_wanted)
        text += ", wanted";
    if (node.is_assembly())
        text += ", members " + std::to_string(node.members.size()) + "/" +
                std::to_string(node.expected);
    if (node.unit.device)
        text += ", device " + node.unit.device->text();
    if (!node.reason.empty())
        text += ", reason: " + node.reason;
    line(0, text);
    for (const std::string &member : node.members)
        line(1, "member " + member);
    for (const std::string &candidate : node.candidates)
        line(1, "candidate " + candidate);
}

std::string Explanation::dump() {
    for (const auto &[name, index] : engine_.graph_.by_name())
        dump_node(engine_.graph_.at(index));
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        line(0, "device " + syspath);
        for (const auto &[key, value] : device.facts) {
            std::string one_line = value;
            std::ranges::replace(one_line, '\n', ' ');
            line(1, key + " = " + one_line);
        }
    }
    for (const auto &[id, job] : engine_.jobs_.all())
        line(0, "job " + std::to_string(id) + ": " + job.request.plugin + " " +
                    (job.request.unit.empty() ? job.syspath : job.request.unit) +
                    (job.is_started ? ", started" : ", queued"));
    return std::move(text_);
}

} // namespace slipway
