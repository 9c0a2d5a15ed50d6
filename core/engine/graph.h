// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/events.h"
#include "unit/unit.h"

namespace slipway {

enum class NodeState : std::uint8_t {
    idle,    // nobody wants it
    waiting, // wanted; something that it needs is not there yet
    running, // its job is queued or runs
    ready,   // done
    failed,  // for good, until somebody asks for another try
};

// A unit with its state. Owned by the Graph, changed by the engine only.
struct Node {
    Unit unit;
    std::string display_name; // of an assembly: "vg0"; otherwise empty
    NodeState state = NodeState::idle;
    bool is_wanted = false;
    bool is_degraded = false;
    bool is_skipped = false; // ready without having run: a condition does not hold
    bool is_serving = false; // of services: ready, and the job goes on

    // Of assemblies.
    std::set<std::string> members; // syspaths
    unsigned expected = 0;         // 0: not known
    std::vector<std::string> provides;
    std::set<std::string> members_of_last_run; // those of them that have not gone since then
    bool needs_new_member = false;             // the last run said "incomplete"
    bool is_degraded_start_spent =
        false;                       // a degraded start was tried or refused with these members
    bool may_start_degraded = false; // its wait is over, or a person agreed
    QuestionId question = 0;         // whether to start degraded
    std::set<std::string> asked_for; // of on_demand: references that it was run for
    bool was_ready = false;          // it runs again, for something more

    std::set<std::string> candidates; // devices that answer to unit.device
    std::vector<std::string> passed_milestones;

    JobId job = 0;
    bool has_lost_device = false; // one that the job was given went away while it ran
    unsigned attempts = 0;
    std::optional<Duration> first_try; // real time of the first of these; of retry_for
    std::string reason;                // of failure or incompleteness
    std::string told_reason;           // of the last try that people were told of
    std::vector<std::string> missing;

    // Runnable time (see RunnableClock): when the wait for the device or the members ends, and when
    // the one for the rest of the members. What is left of the first one when it is interrupted.
    std::optional<Duration> wait_deadline;
    std::optional<Duration> degraded_deadline;
    std::optional<Duration> wait_left;
    bool is_late = false; // failed because of such a wait: what comes after all is still welcome
    bool is_wait_unlimited = false; // a person or an option took the limit away
    Duration wait_renewed{0};       // real time: when a person last had it wait anew; 0: nobody
    // Real time: when the next try may start.
    std::optional<Duration> retry_at;

    [[nodiscard]] bool has_ended() const noexcept {
        return state == NodeState::ready || state == NodeState::failed;
    }
    [[nodiscard]] bool is_assembly() const noexcept { return unit.kind == UnitKind::assembly; }
    // Waits for members that a claim finds, not for a device that it names.
    [[nodiscard]] bool gathers() const noexcept { return is_assembly() && !unit.device; }
    [[nodiscard]] bool has_all_members() const noexcept {
        return !members.empty() && members.size() >= expected;
    }
    // Enough for a start that is not degraded.
    [[nodiscard]] bool has_enough_members() const noexcept {
        return (has_all_members() || (unit.piecemeal && !members.empty())) &&
               (!needs_new_member || !std::ranges::includes(members_of_last_run, members));
    }
};

// All nodes and who wants to hear of whom. Names, not pointers, tie nodes together, because a unit
// may be named before an importer defines it.
class Graph {
public:
    using Index = std::size_t;

    // `overrides` (drop-ins for instances that claims make) outlives the graph.
    explicit Graph(const std::vector<Override> &overrides) : overrides_(overrides) {}

    // Templates are kept aside; false if a unit of that name is there already.
    bool add(Unit unit);
    // An instance of a template, made because a claim names it. Nothing if there is no such
    // template.
    [[nodiscard]] std::optional<Index> find_or_instantiate(std::string_view name);

    [[nodiscard]] std::optional<Index> find(std::string_view name) const;
    [[nodiscard]] Node &at(Index index) { return nodes_[index]; }
    [[nodiscard]] const Node &at(Index index) const { return nodes_[index]; }
    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] const std::map<std::string, Index, std::less<>> &by_name() const noexcept {
        return by_name_;
    }

    // Nodes that have to be looked at when `name` changes its state or comes into being.
    [[nodiscard]] const std::vector<Index> &listeners(std::string_view name) const;
    // Units that say "before = [name]".
    [[nodiscard]] const std::vector<std::string> &ordered_before(std::string_view name) const;
    // Units that conflict with it, whichever of the two says so.
    [[nodiscard]] std::vector<std::string> conflicts(const Node &node) const;
    [[nodiscard]] const std::vector<Index> &barriers() const noexcept { return barriers_; }
    // Everything that must end before the unit may start.
    [[nodiscard]] std::vector<std::string> predecessors(const Unit &unit) const;
    // Must `earlier` end before `later` may start, directly or through others?
    [[nodiscard]] bool must_precede(std::string_view earlier, Index later) const;
    // The path of a cycle that the unit is part of: first and last name are its own. Empty: none.
    [[nodiscard]] std::vector<std::string> find_cycle(Index start) const;

private:
    Index insert(Unit unit);
    void add_edges(Index index);

    const std::vector<Override> &overrides_;
    std::deque<Node> nodes_; // a deque: references stay valid when a claim adds an instance
    std::map<std::string, Index, std::less<>> by_name_;
    std::map<std::string, Unit, std::less<>> templates_;
    std::map<std::string, std::vector<Index>, std::less<>> listeners_;
    std::map<std::string, std::vector<std::string>, std::less<>> before_;
    std::map<std::string, std::vector<std::string>, std::less<>> conflicted_by_;
    std::vector<Index> barriers_;
    std::vector<Index> writers_;
};

} // namespace slipway
