// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <utility>

#include "engine/candidate_rank.h"
#include "engine/engine.h"

// Devices: who claims them, what they answer to, and the assemblies that they are members of.
namespace slipway {

namespace {

// "/dev/mapper/…" and the like are the names of one thing; the links below /dev/disk and "UUID=…"
// name what lies inside it.
bool names_what_it_lies_in(const DeviceReference &reference) {
    return reference.kind() == DeviceReference::Kind::path &&
           !reference.value().starts_with("/dev/disk/");
}

} // namespace

void Engine::look_at_device(const std::string &syspath) {
    const DeviceTable::Device *device = devices_.find(syspath);
    if (device == nullptr)
        return;
    const auto claims = devices_.take_claims(syspath, misses_something());
    if (!device->resting.empty())
        resting_.insert(syspath);
    update_candidates(syspath, &device->facts);
    for (const std::size_t claim : claims)
        claim_device(*device, set_.claims[claim]);
}

void Engine::update_candidates(const std::string &syspath, const Facts *facts) {
    for (const ReferenceIndex::Change &change : references_.update(syspath, facts)) {
        Node &node = graph_.at(change.node);
        if (change.is_candidate) {
            node.candidates.insert(syspath);
        } else {
            node.candidates.erase(syspath);
            note_lost_device(node, syspath);
        }
        touch(change.node);
    }
}

void Engine::claim_device(const DeviceTable::Device &device, const Claim &claim) {
    if (phase_ == Phase::leaving)
        return;
    if (claim.unit.empty()) {
        inspect(claim.plugin, device.syspath);
        return;
    }
    add_member(device.syspath,
               {expand_facts(claim.unit, device.facts),
                expand_facts(claim.name, device.facts),
                claim.members,
                {}},
               true);
}

void Engine::inspect(const std::string &plugin, const std::string &syspath) {
    // A queued inspection will see the device as it is when it starts.
    if (jobs_.has_queued_inspection(plugin, syspath))
        return;
    Job job;
    job.request.operation = Operation::inspect;
    job.request.plugin = plugin;
    job.syspath = syspath;
    job.timeout = config_.inspect_timeout;
    jobs_.add(std::move(job));
    devices_.inspection_opened(plugin, syspath);
    ++inspections_open_[plugin];
}

// ---- members ------------------------------------------------------------------------------------

void Engine::add_member(const std::string &syspath, const Membership &membership,
                        bool is_claimed_by_facts) {
    const bool existed = graph_.find(membership.unit).has_value();
    const auto index = graph_.find_or_instantiate(membership.unit);
    if (!index) {
        say(LogLevel::warning, syspath + " is said to be a member of " + membership.unit +
                                   ", but there is no such template; see slipway verify");
        return;
    }
    if (!existed)
        note_added(*index);
    Node &node = graph_.at(*index);
    if (!node.is_assembly())
        return;
    if (!membership.name.empty())
        node.display_name = membership.name;
    if (!is_claimed_by_facts || node.expected == 0)
        node.expected = std::max(node.expected, membership.expected);
    node.provides.insert(node.provides.end(), membership.provides.begin(),
                         membership.provides.end());
    std::ranges::sort(node.provides);
    node.provides.erase(std::ranges::unique(node.provides).begin(), node.provides.end());
    greet_member(*index, syspath);
}

void Engine::greet_member(Graph::Index index, const std::string &syspath) {
    Node &node = graph_.at(index);
    assemblies_of_device_[syspath].insert(index);
    // Each arriving member restarts the wait for the others.
    if (node.members.insert(syspath).second) {
        end_degraded_wait(index);
        withdraw_question(node);
        node.may_start_degraded = false;
        node.is_degraded_start_spent = false;
        node.needs_new_member = false;
        end_backoff(index); // it may be just what the last try lacked
    }
    if (automatic_assemblies_.contains(index))
        offered_.insert(index);
    // A device that waits for this one may now be known to be a part of something.
    for (const Graph::Index waiting : references_.nodes_of(syspath))
        touch(waiting);
    touch(index);
}

void Engine::leave_assemblies(const std::string &syspath) {
    const auto found = assemblies_of_device_.extract(syspath);
    if (found.empty())
        return;
    for (const Graph::Index index : found.mapped()) {
        Node &node = graph_.at(index);
        node.members.erase(syspath);
        node.members_of_last_run.erase(syspath);
        note_lost_device(node, syspath);
        touch_users_of_members(node);
        if (node.members.empty())
            start_over(index);
        touch(index);
    }
}

// All its devices are gone: what comes next is a new assembly that happens to have the same key.
void Engine::start_over(Graph::Index index) {
    Node &node = graph_.at(index);
    node.expected = 0;
    node.needs_new_member = false;
    node.is_degraded_start_spent = false;
    node.may_start_degraded = false;
    end_degraded_wait(index);
    withdraw_question(node);
    if (!node.gathers() || !node.has_ended())
        return;
    node.state = node.is_wanted ? NodeState::waiting : NodeState::idle;
    node.attempts = 0;
    node.first_try.reset();
    node.reason.clear();
    node.is_degraded = false;
    node.asked_for.clear();
    on_demand_.erase(index);
    touch_listeners(node);
}

// ---- assemblies that nobody named ---------------------------------------------------------------

bool Engine::is_unmet(const Node &node) const {
    return node.is_wanted && !node.has_ended();
}

// Keeps the lists of what an assembly may be wanted for; called whenever a node has changed.
void Engine::note_need(Graph::Index index) {
    const Node &node = graph_.at(index);
    const bool lacks_a_device = is_unmet(node) && node.unit.device && best_candidates(node).empty();
    const bool lacks_a_member = is_unmet(node) && node.gathers() &&
                                node.state == NodeState::waiting && !node.has_enough_members();
    const auto keep = [this, index](std::set<Graph::Index> &list, bool belongs) {
        if (!belongs)
            list.erase(index);
        else if (list.insert(index).second)
            offer_all_ = true;
    };
    keep(unmet_devices_, lacks_a_device);
    keep(unmet_assemblies_, lacks_a_member);
}

// Is it of use to know what any device is a member of? Before all imports have ended nobody can say
// that it is not.
bool Engine::misses_something() const {
    return imports_open_ > 0 || assembles_everything_ || !unmet_devices_.empty() ||
           !unmet_assemblies_.empty();
}

std::vector<std::string> Engine::wanted_references() const {
    std::vector<std::string> references;
    for (const Graph::Index index : unmet_devices_) {
        const std::string &text = graph_.at(index).unit.device->text();
        if (!std::ranges::contains(references, text))
            references.push_back(text);
    }
    return references;
}

bool Engine::may_lead_to_wanted(const Node &assembly) const {
    // What another one lacks may lie inside this one: anything at all if it was named and nothing
    // of it is there; of those that are half there, only what does not say what it will bring.
    const bool may_bring_a_member = std::ranges::any_of(unmet_assemblies_, [&](Graph::Index index) {
        const Node &other = graph_.at(index);
        return &other != &assembly &&
               (other.members.empty() ? other.unit.is_explicit : assembly.provides.empty());
    });
    if (may_bring_a_member)
        return true;
    return std::ranges::any_of(unmet_devices_, [&](Graph::Index index) {
        return may_bring(assembly, *graph_.at(index).unit.device);
    });
}

bool Engine::may_bring(const Node &assembly, const DeviceReference &reference) {
    return !names_what_it_lies_in(reference) || assembly.provides.empty() ||
           std::ranges::contains(assembly.provides, reference.value());
}

void Engine::offer_automatic_assemblies() {
    const bool is_for_all = std::exchange(offer_all_, false);
    const auto offered = is_for_all ? automatic_assemblies_ : offered_;
    offered_.clear();
    for (const Graph::Index index : offered)
        offer(index);
    if (!is_for_all)
        return;
    if (misses_something())
        look_at_resting_devices();
    const auto ready = on_demand_;
    for (const Graph::Index index : ready)
        offer_again(index);
}

void Engine::look_at_resting_devices() {
    const auto devices = std::exchange(resting_, {});
    dirty_devices_.insert(dirty_devices_.end(), devices.begin(), devices.end());
}

// Once for each thing that is waited for.
void Engine::offer_again(Graph::Index index) {
    Node &node = graph_.at(index);
    const bool is_asked_for_more = std::ranges::any_of(unmet_devices_, [&](Graph::Index waiting) {
        const DeviceReference &reference = *graph_.at(waiting).unit.device;
        return !node.asked_for.contains(reference.text()) && may_bring(node, reference);
    });
    if (!is_asked_for_more || phase_ == Phase::leaving)
        return;
    if (node.state == NodeState::ready) {
        node.was_ready = true;
        run(index);
    } else if (node.state == NodeState::waiting) {
        // Piecemeal: what is asked for now may lie on the members that are there.
        node.needs_new_member = false;
        touch(index);
    }
}

// Something may have been asked for while it ran.
void Engine::may_bring_more(Graph::Index index) {
    on_demand_.insert(index);
    offer_all_ = true;
}

void Engine::offer(Graph::Index index) {
    const Node &node = graph_.at(index);
    if (!node.is_wanted && !node.members.empty() && may_lead_to_wanted(node))
        want(index);
}

// ---- what a node lacks of devices ---------------------------------------------------------------

// A RAID leg with its metadata at the end looks like the file system inside the array. Until every
// plugin has said what it knows of the device, and while an assembly that it belongs to has not
// been brought up, it is not what a reference means. Nor is a partition that lies on such a disk:
// the table that the kernel reads there is the array's. An assembly that names its device takes no
// other: what a claim brings it, such as a header that lies elsewhere, is not a part of it.
bool Engine::may_be_a_part(const Node &node, const std::string &syspath) const {
    const std::string disk = syspath.substr(0, syspath.rfind('/'));
    return devices_.find(syspath) == nullptr || is_a_part(node, syspath) || is_a_part(node, disk);
}

bool Engine::is_a_part(const Node &node, const std::string &syspath) const {
    const DeviceTable::Device *device = devices_.find(syspath);
    if (device != nullptr && device->is_in_doubt())
        return true;
    const auto found = assemblies_of_device_.find(syspath);
    if (found == assemblies_of_device_.end())
        return false;
    return std::ranges::any_of(found->second, [&](Graph::Index index) {
        const Node &assembly = graph_.at(index);
        const Wanted wanted = wanted_of(assembly.unit);
        const bool may_start =
            assembly.is_wanted || wanted == Wanted::automatic || wanted == Wanted::always;
        const bool is_for_use = assembly.unit.members_answer && assembly.state == NodeState::ready;
        return &assembly != &node && assembly.gathers() && may_start && !is_for_use;
    });
}

// Those of the highest rank only: the others are what udev would not link to either.
std::vector<std::string> Engine::usable_candidates(const Node &node) const {
    std::vector<std::string> usable = best_candidates(node);
    // What stands back behind another is meant only if that one is not about to appear.
    if (!usable.empty() && rank_of(*facts(usable.front())) < CandidateRank{} &&
        may_know_more_soon())
        usable.clear();
    return usable;
}

std::vector<std::string> Engine::best_candidates(const Node &node) const {
    std::vector<std::string> usable;
    CandidateRank highest;
    std::set<Graph::Index> represented; // assemblies of which one member stands for all
    for (const std::string &syspath : node.candidates) {
        if (may_be_a_part(node, syspath))
            continue;
        const auto assemblies = assemblies_of_device_.find(syspath);
        const bool is_new =
            assemblies == assemblies_of_device_.end() ||
            std::ranges::any_of(assemblies->second, [&](Graph::Index index) {
                return !graph_.at(index).unit.members_answer || represented.insert(index).second;
            });
        const CandidateRank rank = rank_of(*facts(syspath));
        if (!is_new || (!usable.empty() && rank < highest))
            continue;
        if (!usable.empty() && rank > highest)
            usable.clear();
        highest = rank;
        usable.push_back(syspath);
    }
    return usable;
}

// A look at a device has not ended, or something is being started or unlocked.
bool Engine::may_know_more_soon() const {
    return !inspections_open_.empty() || clock_.is_stopped();
}

void Engine::touch_users_of_members(const Node &assembly) {
    for (const std::string &member : assembly.members) {
        for (const Graph::Index waiting : references_.nodes_of(member))
            touch(waiting);
    }
}

std::string Engine::name_of_device(std::string_view syspath) const {
    const Facts *known = facts(syspath);
    const std::string_view devnode = known == nullptr ? "" : fact(*known, "devnode");
    return std::string(devnode.empty() ? syspath : devnode);
}

bool Engine::lacks_device(Graph::Index index) {
    const Node &node = graph_.at(index);
    if (!node.unit.device)
        return false;
    const auto usable = usable_candidates(node);
    if (usable.empty()) {
        if (!node.candidates.empty())
            held_back_.insert(index);
        start_wait(index);
        return true;
    }
    end_wait(index);
    if (usable.size() == 1)
        return false;
    std::vector<std::string> names;
    for (const std::string &syspath : usable)
        names.push_back(name_of_device(syspath));
    fail(index, "more than one device answers to " + node.unit.device->text() + ": " +
                    join(names, ", ") + "; detach one, or name the right one by its path");
    return true;
}

bool Engine::lacks_members(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!node.gathers())
        return false;
    if (!node.has_enough_members())
        return waits_for_more_members(index);
    if (awaits_inspections(node)) {
        held_back_.insert(index);
        return true;
    }
    end_wait(index);
    end_degraded_wait(index);
    withdraw_question(node);
    return false;
}

// Some members are enough to try, but more may be known in a moment: one run is better than two.
bool Engine::awaits_inspections(const Node &node) const {
    return !node.has_all_members() && inspections_open_.contains(node.unit.plugin);
}

void Engine::count_inspection_ended(const std::string &plugin) {
    const auto open = inspections_open_.find(plugin);
    if (open == inspections_open_.end() || --open->second > 0)
        return;
    inspections_open_.erase(open);
    touch_held_back();
}

void Engine::touch_held_back() {
    for (const Graph::Index index : std::exchange(held_back_, {}))
        touch(index);
}

bool Engine::waits_for_more_members(Graph::Index index) {
    Node &node = graph_.at(index);
    if (node.members.empty() || !node.unit.degraded || node.is_degraded_start_spent) {
        start_wait(index);
        return true;
    }
    end_wait(index);
    if (node.may_start_degraded)
        return false;
    if (node.question == 0 && !node.degraded_deadline && !node.is_wait_unlimited)
        wait_for_members(index, config_.degraded_wait.value_or(node.unit.degraded->wait));
    return true;
}

std::vector<DeviceView> Engine::devices_of(const Node &node) const {
    std::vector<DeviceView> views;
    const auto add = [&](const std::string &syspath) {
        if (const Facts *known = facts(syspath))
            views.push_back({syspath, *known});
    };
    if (node.unit.device)
        std::ranges::for_each(usable_candidates(node), add);
    else
        std::ranges::for_each(node.members, add);
    return views;
}

} // namespace slipway
