// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/explanation.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/member_places.h"
#include "engine/storage_hardware.h"

// why(): the chain from a goal to what is missing; remedies(): what to do about it. What the
// console says meanwhile is in explanation_waiting.cpp.
namespace slipway {

std::string Engine::why() const {
    return Explanation(*this).why();
}

std::string Engine::headline_at(Duration now) const {
    return waiting(now).headline;
}

std::string Engine::why_at(Duration now) const {
    return Explanation(*this, now).why();
}

std::optional<std::string> Engine::why_unit_at(std::string_view unit, Duration now) const {
    return Explanation(*this, now).why(unit);
}

std::vector<std::string> Engine::remedies() const {
    return Explanation(*this).remedies();
}

namespace {

constexpr unsigned kMaxDepth = 24;
constexpr std::size_t kMostPlaces = 16; // of what is missing, a line each

} // namespace

std::string Explanation::why() {
    const auto goal = engine_.graph_.find(engine_.config_.goal);
    if (engine_.open_break_)
        line(0, "the boot stands at the break \"" + engine_.breaks_[*engine_.open_break_].name +
                    "\" until a person lets it go on");
    if (engine_.is_open_at(Breakpoint::At::start))
        return std::move(text_);
    if (!goal) {
        line(0, "there is no unit \"" + engine_.config_.goal +
                    "\"; the image lacks its unit files: build it again with slipway build");
        return std::move(text_);
    }
    explain(*goal, 0);
    for (const Graph::Index other : engine_.goals_) {
        if (!is_told_with_another(engine_.graph_.at(other)))
            explain(other, 0);
    }
    return std::move(text_);
}

std::optional<std::string> Explanation::why(std::string_view unit) {
    const auto index = engine_.graph_.find(unit);
    if (!index)
        return std::nullopt;
    explain(*index, 0);
    if (text_.empty())
        line(0, title(engine_.graph_.at(*index)) + " is ready");
    return std::move(text_);
}

// It failed because of something whose reason stands there already.
bool Explanation::is_told_with_another(const Node &goal) const {
    return goal.state == NodeState::failed &&
           std::ranges::any_of(goal.unit.required, [this](const std::string &name) {
               const auto needed = engine_.graph_.find(name);
               return needed && told_.contains(*needed) &&
                      engine_.graph_.at(*needed).state == NodeState::failed;
           });
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
    return remaining(*deadline) + " left" +
           (engine_.clock_.is_stopped() ? " (standing still)" : "");
}

std::string Explanation::remaining(Duration deadline) const {
    return format_duration(std::max(Duration{0}, deadline - runnable_now()));
}

std::string Explanation::members_text(const Node &node, std::optional<Duration> deadline,
                                      std::string_view missing) const {
    const bool is_reached = node.expected != 0 && node.members.size() >= node.expected;
    const std::string count =
        std::to_string(node.members.size()) + " of " +
        (node.expected == 0 ? "?" : std::to_string(node.expected)) + " members are there" +
        (is_reached ? ", but not all of them count" : "") + std::string(missing) + "; ";
    if (node.question != 0)
        return count + "a person is asked whether to start without the others";
    if (!node.degraded_deadline)
        return count + time_left(deadline);
    const auto then = node.unit.degraded ? node.unit.degraded->then : DegradedPolicy::Then::fail;
    const std::string what =
        then == DegradedPolicy::Then::start ? "it starts with what is there in "
        : then == DegradedPolicy::Then::ask ? "a person is asked what to do in "
                                            : "it fails in ";
    return count + what + remaining(*node.degraded_deadline) +
           (engine_.clock_.is_stopped() ? " (standing still)" : "");
}

std::string Explanation::running_text(const Node &node) const {
    const auto found = engine_.jobs_.all().find(node.job);
    if (found == engine_.jobs_.all().end())
        return "is running";
    const Job &job = found->second;
    if (job.prompt)
        return "asks: " + *job.prompt +
               (job.progress.empty() ? "" : " (" + printable(job.progress, 300) + ")");
    for (const auto kind : {ResourceTicket::Kind::job, ResourceTicket::Kind::step}) {
        const std::string need = engine_.resources_.describe_need({kind, found->first});
        if (!need.empty())
            return "waits for " + need;
    }
    if (!job.is_started)
        return "is queued: all workers of plugin " + job.request.plugin + " are busy";
    std::string doing = job.progress.empty() ? "" : ": " + printable(job.progress, 300);
    if (!node.told_reason.empty() && node.told_reason != job.progress)
        doing += " (the last try: " + node.told_reason + ")";
    if (!job.deadline)
        return "is running" + doing + "; no time limit";
    return "is running" + doing + "; " +
           format_duration(std::max(Duration{0}, *job.deadline - now_)) + " left";
}

void Explanation::explain(Graph::Index index, unsigned depth) {
    const Node &node = engine_.graph_.at(index);
    if (!told_.insert(index).second || depth > kMaxDepth)
        return;
    switch (node.state) {
    case NodeState::ready:
        return;
    case NodeState::idle:
        line(depth, title(node) + " is not wanted by anything");
        return;
    case NodeState::running:
        line(depth, title(node) + " " + running_text(node));
        return;
    case NodeState::failed:
        line(depth, title(node) + " failed: " + node.reason);
        break;
    case NodeState::waiting:
        line(depth, title(node) + " waits");
        break;
    }
    explain_needs(node, depth + 1);
    explain_own_wait(node, depth + 1);
}

void Explanation::explain_needs(const Node &node, unsigned depth) {
    const Unit &unit = node.unit;
    const auto &before = engine_.graph_.ordered_before(unit.name);
    for (const auto *list :
         {&unit.required, &unit.milestones, &unit.any_of, &unit.wants, &unit.after, &before}) {
        for (const std::string &name : *list) {
            const auto other = engine_.graph_.find(name);
            const bool is_order_only =
                list == &unit.wants || list == &unit.after || list == &before;
            if (!other && !is_order_only)
                line(depth, "unit " + name + " is not defined" +
                                (engine_.imports_open_ > 0 ? " yet" : ""));
            else if (other && (!is_order_only || engine_.is_open(name)))
                explain(*other, depth);
        }
    }
    if (unit.writes && node.state == NodeState::waiting)
        explain_barriers(node, depth);
}

void Explanation::explain_barriers(const Node &node, unsigned depth) {
    if (engine_.imports_open_ > 0)
        line(depth, "what may write waits until all that the command line asks for is known");
    for (const Graph::Index barrier : engine_.graph_.barriers()) {
        if (!engine_.graph_.at(barrier).has_ended() && &engine_.graph_.at(barrier) != &node)
            explain(barrier, depth);
    }
}

void Explanation::explain_own_wait(const Node &node, unsigned depth) {
    if (node.unit.device && engine_.usable_candidates(node).empty() &&
        told_references_.insert(node.unit.device->text()).second)
        explain_device_wait(node, depth);
    if (node.gathers() && !node.has_enough_members())
        explain_members(node, depth);
    else if (node.gathers() && node.state == NodeState::waiting && engine_.awaits_inspections(node))
        line(depth, "plugin " + node.unit.plugin + " still looks at devices that may belong to it");
    if (node.needs_new_member && node.state == NodeState::waiting && !node.reason.empty())
        line(depth, "with what is there it is not complete: " + node.reason);
    for (const std::string &missing : missing_things(node))
        line(depth, "missing: " + missing);
    const bool is_to_be_retried = node.retry_at && node.state == NodeState::waiting;
    if (is_to_be_retried && !node.reason.empty())
        line(depth, "the last try: " + node.reason);
    if (is_to_be_retried)
        line(depth,
             "the next try is in " + format_duration(std::max(Duration{0}, *node.retry_at - now_)));
    if (const auto holder = engine_.holder_of(node.unit); holder && engine_.breaks_[*holder].is_due)
        line(depth, "it is held by the break \"" + engine_.breaks_[*holder].name + "\"");
    for (const std::string &name : engine_.graph_.conflicts(node)) {
        const auto other = engine_.graph_.find(name);
        if (other && engine_.graph_.at(*other).state == NodeState::running)
            line(depth, "it waits for " + name + " to end, with which it conflicts");
    }
}

// What the members know of those that are away, and what the last run said, unless a member has
// come since then.
std::vector<std::string> Explanation::missing_things(const Node &node) const {
    std::vector<std::string> things;
    if (node.gathers() && !node.has_enough_members())
        things = places_of(node, engine_.devices_).missing(kMostPlaces);
    if (!things.empty() && !node.needs_new_member)
        return things;
    for (const std::string &missing : node.missing) {
        if (!std::ranges::contains(things, missing))
            things.push_back(missing);
    }
    return things;
}

void Explanation::explain_members(const Node &node, unsigned depth) {
    line(depth, members_text(node, node.wait_deadline, ""));
    for (const std::string &member : node.members)
        line(depth, "there: " + engine_.name_of_device(member));
    if (node.members.empty())
        explain_what_may_bring_members(depth);
}

// What brings the first member, such as the address of an interface, is often still at it, or waits
// for its next try.
void Explanation::explain_what_may_bring_members(unsigned depth) {
    for (const auto &[name, index] : engine_.graph_.by_name()) {
        const Node &node = engine_.graph_.at(index);
        const bool is_service = node.unit.kind == UnitKind::service;
        if (!node.is_wanted || (!is_service && !node.is_assembly()))
            continue;
        const bool runs = node.state == NodeState::running;
        if (runs ? !is_service && !node.told_reason.empty()
                 : node.state == NodeState::waiting && node.retry_at)
            explain(index, depth);
        else if (runs && is_service && told_.insert(index).second)
            line(depth, starting_text(node));
    }
}

std::string Explanation::starting_text(const Node &node) const {
    std::string text = title(node) + " is not ready yet";
    if (!node.unit.description.empty())
        text += ": " + expand_facts(node.unit.description, {{"key", instance_key(node.unit.name)}});
    if (const auto job = engine_.jobs_.all().find(node.job);
        job != engine_.jobs_.all().end() && !job->second.progress.empty())
        text += " (" + printable(job->second.progress, 300) + ")";
    return text;
}

void Explanation::explain_device_wait(const Node &node, unsigned depth) {
    const bool is_over = node.state == NodeState::failed;
    line(depth, "device " + node.unit.device->text() +
                    (node.candidates.empty() ? " is not there; " : " is not usable yet; ") +
                    (is_over ? "the time for it is over" : time_left(node.wait_deadline)));
    for (const std::string &candidate : node.candidates)
        line(depth + 1, engine_.name_of_device(candidate) +
                            " answers to it, but it is a part of something larger, or not fully "
                            "inspected");
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
        line(depth, unnamed_text(node));
    }
}

std::string Explanation::unnamed_text(const Node &node) const {
    std::string members;
    for (const std::string &member : node.members)
        members += (members.empty() ? "" : ", ") + engine_.name_of_device(member);
    return title(node) + " on " + members + " could be started, but nothing names it" +
           (node.unit.hint.empty() ? "" : "; " + hint_of(node));
}

std::string Explanation::device_text(const DeviceTable::Device &device) const {
    std::string text = engine_.name_of_device(device.syspath);
    const std::string_view type = fact(device.facts, "fs_type");
    const std::string_view uuid = fact(device.facts, "fs_uuid");
    const std::string_view label = fact(device.facts, "fs_label");
    if (type.empty())
        return text;
    text += " (" + std::string(type);
    if (!uuid.empty())
        text += " UUID=" + std::string(uuid);
    if (!label.empty())
        text += " LABEL=" + std::string(label);
    return text + ")";
}

std::vector<std::string> Explanation::block_devices() const {
    std::vector<std::string> seen;
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        if (fact(device.facts, "subsystem") == "block" && fact(device.facts, "ready") == "1")
            seen.push_back(device_text(device));
    }
    return seen;
}

void Explanation::explain_devices(unsigned depth) {
    const auto seen = block_devices();
    line(depth, seen.empty() ? "no block device was seen: is the disk's driver in the image?"
                             : "block devices seen: " + join(seen, ", "));
    if (const std::string lacking = hardware_without_driver(); !lacking.empty())
        line(depth, "without a driver: " + lacking);
}

// What disks hang on, and has no driver: "0000:00:04.0 (pci:v00001B36…)".
std::string Explanation::hardware_without_driver() const {
    constexpr std::size_t kMostTold = 3;
    std::vector<std::string> found;
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        const std::string_view modalias = fact(device.facts, "modalias");
        if (!fact(device.facts, "driver").empty() || !may_hold_disks(modalias))
            continue;
        if (found.size() == kMostTold)
            return join(found, ", ") + ", ...";
        found.push_back(syspath.substr(syspath.rfind('/') + 1) + " (" + printable(modalias, 120) +
                        ")");
    }
    return join(found, ", ");
}

// ---- remedies -----------------------------------------------------------------------------------

std::vector<std::string> Explanation::remedies() {
    std::ignore = why();
    std::vector<std::string> remedies;
    for (const std::string &reference : told_references_)
        remedies.push_back("Is " + reference + " right? Look where it is written: on the kernel " +
                           "command line, in fstab or in crypttab.");
    add_hints(remedies);
    if (told_references_.empty())
        return remedies;
    const auto unknown = unknown_members();
    for (const std::string &device : unknown)
        remedies.push_back(device + std::string(kUnknownPart) + ".");
    remedies.emplace_back("Is the disk attached? rd.timeout=SECONDS on the kernel command line "
                          "waits longer.");
    if (unknown.empty())
        remedies.emplace_back("Is its driver in this image? slipway build --mode generic adds "
                              "all of them.");
    return remedies;
}

std::string Explanation::hint_of(const Node &node) const {
    return expand_facts(node.unit.hint, {{"key", instance_key(node.unit.name)}});
}

void Explanation::add_hints(std::vector<std::string> &remedies) const {
    for (const Graph::Index index : told_) {
        const Node &node = engine_.graph_.at(index);
        const bool is_at_work =
            node.state == NodeState::running && node.unit.kind != UnitKind::service;
        if (!node.unit.hint.empty() && !is_at_work)
            remedies.push_back(title(node) + ": " + hint_of(node) +
                               (node.unit.hint.ends_with('?') ? "" : "."));
    }
}

// Disks that carry a layer which nobody claims: its plugin was left out of the image.
std::vector<std::string> Explanation::unknown_members() const {
    const auto is_about_content = [](const std::pair<std::string, std::string> &match) {
        return match.first == "fs_type";
    };
    std::vector<std::string> found;
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        const std::string_view usage = fact(device.facts, "fs_usage");
        const bool is_claimed = std::ranges::any_of(engine_.set_.claims, [&](const Claim &claim) {
            return std::ranges::any_of(claim.match, is_about_content) &&
                   claim.matches(device.facts);
        });
        if ((usage == "raid" || usage == "crypto") && !is_claimed)
            found.push_back(device_text(device));
    }
    return found;
}

} // namespace slipway
