// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <utility>

#include "engine/explanation.h"

// waiting(): the end of the chain in one line, for the console.
namespace slipway {

namespace {

constexpr std::size_t kMostSeen = 4; // devices in a line

} // namespace

Waiting Engine::waiting(Duration now) const {
    return Explanation(*this, now).waiting();
}

std::string Engine::headline() const {
    return waiting().headline;
}

Waiting Explanation::waiting() {
    if (engine_.phase_ != Engine::Phase::booting)
        return {};
    if (engine_.open_break_) {
        const std::string &name = engine_.breaks_[*engine_.open_break_].name;
        return {"break " + name, "the break \"" + printable(name) + "\", until a person goes on",
                "end the shell, or run slipway continue"};
    }
    for (const Graph::Index goal : engine_.goals_) {
        if (Waiting found = waits_for(goal); !found.headline.empty())
            return found;
    }
    return {};
}

Waiting Explanation::told_of(const Node &node, std::string_view text) const {
    return {node.unit.name, printable(title(node).append(text)), hint_of(node)};
}

// While a person is asked, what would do in place of the answer is told, too: a key on a device
// that is not there.
Waiting Explanation::told_of_running(const Node &node) const {
    Waiting told = told_of(node, " " + running_text(node));
    const auto job = engine_.jobs_.all().find(node.job);
    if (job == engine_.jobs_.all().end() || !job->second.prompt)
        return told;
    for (Graph::Index index = 0; index < engine_.graph_.size(); ++index) {
        const Node &other = engine_.graph_.at(index);
        if (!other.is_wanted || other.state != NodeState::waiting || !other.unit.device ||
            other.unit.writes || !engine_.usable_candidates(other).empty())
            continue;
        // What decides a barrier may wait for what lies behind the answer.
        if (std::ranges::any_of(engine_.graph_.barriers(), [&](Graph::Index barrier) {
                return engine_.graph_.must_precede(other.unit.name, barrier);
            }))
            continue;
        told.aside =
            printable(title(other) + ": device " + other.unit.device->text() + " is not there");
        break;
    }
    return told;
}

// The first thing at the end of the chain, or nothing if there is none below this node.
Waiting Explanation::waits_for(Graph::Index index) {
    const Node &node = engine_.graph_.at(index);
    if (node.has_ended() || !node.is_wanted || !told_.insert(index).second)
        return {};
    if (node.state == NodeState::running)
        return told_of_running(node);
    for (const std::string &name : engine_.graph_.predecessors(node.unit)) {
        const auto other = engine_.graph_.find(name);
        if (!other)
            continue;
        if (Waiting found = waits_for(*other); !found.headline.empty())
            return found;
    }
    if (node.retry_at)
        return told_of(node, ": " + node.reason + "; the next try is in " +
                                 format_duration(std::max(Duration{0}, *node.retry_at - now_)));
    if (node.unit.device && engine_.usable_candidates(node).empty())
        return waits_for_device(node);
    if (node.gathers() && !node.has_enough_members())
        return waits_for_members(node);
    return {};
}

// What a missing device may lie in says more than the device itself. The time is that of the
// device, whose wait ends the boot.
Waiting Explanation::waits_for_device(const Node &node) const {
    if (const Node *asking = asking_node())
        return told_of_running(*asking);
    if (const Node *assembly = half_there())
        return told_of(*assembly, ": " + gathering_text(*assembly, node.wait_deadline));
    const std::string reference = node.unit.device->text();
    const Trouble why = trouble(&node);
    std::string hint = hint_of(node);
    if (hint.empty())
        hint = why.hint.empty() ? missing_device_hint(node) : why.hint;
    return {reference,
            printable("device " + reference + " is not there" +
                      (why.text.empty() ? "" : ": " + why.text) + "; " +
                      time_left(node.wait_deadline)),
            hint};
}

Waiting Explanation::waits_for_members(const Node &node) const {
    const Trouble why = node.members.empty() ? trouble(&node) : Trouble();
    if (why.text.empty())
        return told_of(node, ": " + gathering_text(node, node.wait_deadline));
    Waiting told = told_of(node, ": nothing to start it with is there: " + why.text + "; " +
                                     time_left(node.wait_deadline));
    if (!why.hint.empty())
        told.hint = why.hint;
    return told;
}

// One whose job asks a person: what it brings may be what is waited for.
const Node *Explanation::asking_node() const {
    for (const auto &[id, job] : engine_.jobs_.all()) {
        if (job.prompt && job.node)
            return &engine_.graph_.at(*job.node);
    }
    return nullptr;
}

// What the last try with the members that there are said is worth more than their number.
std::string Explanation::gathering_text(const Node &node, std::optional<Duration> deadline) const {
    std::string members = members_text(node, deadline);
    if (!node.needs_new_member || node.reason.empty())
        return members;
    return node.reason + " (" + members + ")";
}

// Of several, the first that was defined.
const Node *Explanation::half_there() const {
    for (const Graph::Index index : engine_.unmet_assemblies_) {
        const Node &assembly = engine_.graph_.at(index);
        if (!assembly.members.empty() && !assembly.retry_at)
            return &assembly;
    }
    return nullptr;
}

// What may be the reason why a device or member does not come: the first unit that failed to bring
// something and will try again, else one that is still at it, else one for which nothing is there.
Explanation::Trouble Explanation::trouble(const Node *besides) const {
    const Node *lacking = nullptr;
    const Node *at_work = nullptr;
    for (Graph::Index index = 0; index < engine_.graph_.size(); ++index) {
        const Node &node = engine_.graph_.at(index);
        if (&node == besides || !node.is_wanted ||
            (!node.is_assembly() && node.unit.kind != UnitKind::service))
            continue;
        if (node.retry_at && node.state == NodeState::waiting)
            return {title(node) + ": " + node.reason, hint_of(node)};
        const bool lacks_all = node.gathers() && node.members.empty();
        if (node.state == NodeState::waiting && lacks_all && lacking == nullptr)
            lacking = &node;
        if (node.state == NodeState::running && at_work == nullptr)
            at_work = &node;
    }
    if (at_work != nullptr)
        return {title(*at_work) + ": " + doing(*at_work), hint_of(*at_work)};
    if (lacking != nullptr)
        return {"no device of " + title(*lacking) + " is there either", ""};
    return {};
}

std::string Explanation::doing(const Node &node) const {
    const auto job = engine_.jobs_.all().find(node.job);
    const bool is_telling = job != engine_.jobs_.all().end() && !job->second.progress.empty();
    return is_telling ? job->second.progress : "still at work";
}

std::string Explanation::missing_device_hint(const Node &node) const {
    for (const auto &[name, index] : engine_.graph_.by_name()) {
        const Node &other = engine_.graph_.at(index);
        if (is_worth_telling(other) && !other.is_wanted)
            return unnamed_text(other);
    }
    const auto unknown = unknown_members();
    if (!unknown.empty())
        return unknown.front() + std::string(kUnknownPart);
    auto seen = block_devices();
    if (seen.empty())
        return "no disk at all was seen: is its driver in the image? slipway build --mode generic "
               "adds all of them";
    if (seen.size() > kMostSeen) {
        seen.resize(kMostSeen);
        seen.emplace_back("...");
    }
    return printable("is " + node.unit.device->text() +
                     " right, and is that disk attached? Seen so far: " + join(seen, ", "));
}

} // namespace slipway
