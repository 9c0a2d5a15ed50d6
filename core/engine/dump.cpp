// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "engine/explanation.h"

// dump(): the whole state of the graph as stable text.
namespace slipway {

std::string Engine::dump() const {
    return Explanation(*this).dump();
}

std::string Explanation::state_word(const Node &node) {
    switch (node.state) {
    case NodeState::idle:
        return node.is_assembly() ? "gathering" : "idle";
    case NodeState::waiting:
        if (node.is_assembly() && (node.degraded_deadline || node.question != 0))
            return "degraded-wait";
        if (node.is_assembly())
            return node.has_enough_members() ? "startable" : "gathering";
        return "waiting";
    case NodeState::running:
        return node.is_assembly() ? "starting" : "running";
    case NodeState::ready:
        if (node.is_skipped)
            return "skipped";
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
    if (node.unit.goal)
        text += ", goal";
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

void Explanation::dump_device(const DeviceTable::Device &device) {
    line(0, "device " + device.syspath);
    for (const auto &[key, value] : device.facts) {
        std::string one_line = value;
        std::ranges::replace(one_line, '\n', ' ');
        line(1, key + " = " + one_line);
    }
}

void Explanation::dump_break(std::size_t number) {
    const Engine::Break &point = engine_.breaks_[number];
    const bool is_open = engine_.open_break_ == number;
    line(0, "break " + point.name + ": " +
                (point.is_over  ? "over"
                 : is_open      ? "open"
                 : point.is_due ? "due"
                                : "ahead"));
}

void Explanation::dump_job(const Job &job) {
    std::string text = "job " + std::to_string(job.request.job) + ": " + job.request.plugin + " " +
                       (job.request.unit.empty() ? job.syspath : job.request.unit);
    text += job.is_held ? ", waits for resources" : job.is_started ? ", started" : ", queued";
    if (job.prompt)
        text += ", asks";
    line(0, text);
}

std::string Explanation::dump() {
    for (const auto &[name, index] : engine_.graph_.by_name())
        dump_node(engine_.graph_.at(index));
    for (const auto &[syspath, device] : engine_.devices_.all())
        dump_device(device);
    for (const auto &[id, job] : engine_.jobs_.all())
        dump_job(job);
    for (std::size_t number = 0; number < engine_.breaks_.size(); ++number)
        dump_break(number);
    return std::move(text_);
}

} // namespace slipway
