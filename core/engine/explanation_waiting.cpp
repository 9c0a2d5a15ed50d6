// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "engine/explanation.h"
#include "engine/member_places.h"

// waiting(): the end of the chain in one line, for the console.
namespace slipway {

namespace {

constexpr std::size_t kMostSeen = 4; // devices in a line

struct Form {
    DeviceReference::Kind kind;
    std::string_view fact;
    std::string_view word;
};
constexpr std::array kForms = {
    Form{DeviceReference::Kind::fs_uuid, "fs_uuid", "UUID="},
    Form{DeviceReference::Kind::fs_label, "fs_label", "LABEL="},
    Form{DeviceReference::Kind::part_uuid, "part_uuid", "PARTUUID="},
    Form{DeviceReference::Kind::part_label, "part_label", "PARTLABEL="},
};

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
    return {.subject = node.unit.name,
            .headline = printable(title(node).append(text)),
            .hint = hint_of(node),
            .begun_anew = node.wait_renewed};
}

// While a person is asked, what would do in place of the answer is told, too: a key on a device
// that is not there, or else what the job says of it.
Waiting Explanation::told_of_running(const Node &node) const {
    Waiting told = told_of(node, " " + running_text(node));
    const auto job = engine_.jobs_.all().find(node.job);
    if (job == engine_.jobs_.all().end() || !job->second.prompt)
        return told;
    if (const Node *other = missing_in_place_of_an_answer())
        told.aside =
            printable(title(*other) + ": device " + other->unit.device->text() + " is not there");
    else if (!job->second.progress.empty())
        told.aside = printable(title(node) + ": " + job->second.progress);
    return told;
}

const Node *Explanation::missing_in_place_of_an_answer() const {
    for (Graph::Index index = 0; index < engine_.graph_.size(); ++index) {
        const Node &node = engine_.graph_.at(index);
        if (!node.is_wanted || node.state != NodeState::waiting || !node.unit.device ||
            node.unit.writes || !engine_.usable_candidates(node).empty())
            continue;
        // What decides a barrier may wait for what lies behind the answer.
        if (std::ranges::none_of(engine_.graph_.barriers(), [&](Graph::Index barrier) {
                return engine_.graph_.must_precede(node.unit.name, barrier);
            }))
            return &node;
    }
    return nullptr;
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
    if (const Node *assembly = half_there()) {
        Waiting told = told_of(*assembly, ": " + gathering_text(*assembly, node.wait_deadline));
        told.begun_anew = std::max(told.begun_anew, node.wait_renewed);
        return told;
    }
    const std::string reference = node.unit.device->text();
    const Trouble why = trouble(&node);
    std::string hint = hint_of(node);
    if (hint.empty())
        hint = why.hint.empty() ? missing_device_hint(node) : why.hint;
    return {.subject = reference,
            .headline = printable("device " + reference + " is not there" +
                                  (why.text.empty() ? "" : ": " + why.text) + "; " +
                                  time_left(node.wait_deadline)),
            .hint = hint,
            .begun_anew = node.wait_renewed};
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
    std::string members =
        members_text(node, deadline, places_of(node, engine_.devices_).missing_clause());
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
// something and will try again, or does already, else one that is at its first try, else one for
// which nothing is there.
Explanation::Trouble Explanation::trouble(const Node *besides) const {
    const Node *again = nullptr;
    const Node *at_work = nullptr;
    const Node *lacking = nullptr;
    const auto note = [](const Node *&first, const Node &node, bool is_such) {
        if (is_such && first == nullptr)
            first = &node;
    };
    for (Graph::Index index = 0; index < engine_.graph_.size(); ++index) {
        const Node &node = engine_.graph_.at(index);
        if (&node == besides || !node.is_wanted ||
            (!node.is_assembly() && node.unit.kind != UnitKind::service))
            continue;
        const bool runs = node.state == NodeState::running;
        const bool waits = node.state == NodeState::waiting;
        note(again, node, runs ? !node.told_reason.empty() : waits && node.retry_at);
        note(at_work, node, runs);
        note(lacking, node, waits && node.gathers() && node.members.empty());
    }
    if (again != nullptr)
        return {title(*again) + ": " + last_try(*again), hint_of(*again)};
    if (at_work != nullptr)
        return {title(*at_work) + ": " + doing(*at_work), hint_of(*at_work)};
    if (lacking != nullptr)
        return {"no device of " + title(*lacking) + " is there either", ""};
    return {};
}

// While the next try runs, its reason is not known yet.
std::string Explanation::last_try(const Node &node) const {
    if (node.state != NodeState::running)
        return node.reason;
    const std::string now = doing(node);
    return now == node.told_reason ? now : now + " (the last try: " + node.told_reason + ")";
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
    if (seen.empty()) {
        const std::string lacking = hardware_without_driver();
        return "no disk at all was seen: is its driver in the image? " +
               (lacking.empty() ? "" : "There is none for " + lacking + "; ") +
               "slipway build --mode generic adds all of them";
    }
    if (seen.size() > kMostSeen) {
        seen.resize(kMostSeen);
        seen.emplace_back("...");
    }
    const DeviceReference &reference = *node.unit.device;
    return printable("is " + reference.text() + " right" + near_miss(reference) +
                     ", and is that disk attached? Seen so far: " + join(seen, ", "));
}

// " (/dev/vda1 has UUID=r00t)": what may have been meant, or nothing.
std::string Explanation::near_miss(const DeviceReference &reference) const {
    const auto form = std::ranges::find(kForms, reference.kind(), &Form::kind);
    if (form == kForms.end())
        return {};
    std::map<std::string, std::string> names; // of devices, by value
    std::vector<std::string> values;
    for (const auto &[syspath, device] : engine_.devices_.all()) {
        const std::string value(fact(device.facts, form->fact));
        if (!value.empty() && value != reference.value() &&
            names.emplace(value, engine_.name_of_device(syspath)).second)
            values.push_back(value);
    }
    const auto near = nearest_word(reference.value(), values);
    return near ? " (" + names[*near] + " has " + std::string(form->word) + *near + ")" : "";
}

} // namespace slipway
