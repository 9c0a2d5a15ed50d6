// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "engine/engine.h"

// Breaks: where a person stops the boot to look around. What lies behind the point is held, all
// else goes on; a break that is open is a wait for a person, as a prompt is.
namespace slipway {

// The first break that holds the unit.
std::optional<std::size_t> Engine::holder_of(const Unit &unit) const {
    for (std::size_t number = 0; number < breaks_.size(); ++number) {
        if (!breaks_[number].is_over && breaks_[number].point.holds(unit.name))
            return number;
    }
    return std::nullopt;
}

// Asked for a unit that has all else that it needs.
bool Engine::is_held(Graph::Index index) {
    const auto holder = holder_of(graph_.at(index).unit);
    if (holder)
        breaks_[*holder].is_due = true;
    return holder.has_value();
}

bool Engine::has_come(const Break &candidate) const {
    const Breakpoint &point = candidate.point;
    if (candidate.is_over || point.at != Breakpoint::At::units)
        return false;
    if (!point.after.empty())
        return imports_open_ == 0 &&
               std::ranges::none_of(point.after,
                                    [this](const std::string &name) { return is_open(name); });
    // In front of the switch: when all is ready that the switch waits for.
    const auto is_out_of_the_way = [&](Graph::Index goal) {
        const Node &node = graph_.at(goal);
        return node.state == NodeState::ready || point.holds(node.unit.name);
    };
    return candidate.is_due &&
           (!point.holds(config_.goal) || std::ranges::all_of(goals_, is_out_of_the_way));
}

void Engine::open_due_break() {
    if (phase_ != Phase::booting || open_break_)
        return;
    for (std::size_t number = 0; number < breaks_.size(); ++number) {
        if (has_come(breaks_[number]))
            return open_break(number);
    }
}

bool Engine::opens_break_at(Breakpoint::At at) {
    for (std::size_t number = 0; number < breaks_.size(); ++number) {
        if (breaks_[number].point.at == at && !breaks_[number].is_over) {
            open_break(number);
            return true;
        }
    }
    return false;
}

void Engine::open_break(std::size_t number) {
    open_break_ = number;
    hold_clock();
    actions_.emplace_back(OpenBreak{breaks_[number].name, breaks_[number].point.description});
}

bool Engine::is_open_at(Breakpoint::At at) const {
    return open_break_ && breaks_[*open_break_].point.at == at;
}

void Engine::on(const BreakContinued &event) {
    if (!open_break_ || breaks_[*open_break_].name != event.name)
        return;
    const bool is_start = is_open_at(Breakpoint::At::start);
    breaks_[*open_break_].is_over = true;
    open_break_.reset();
    release_clock();
    if (is_start && !opens_break_at(Breakpoint::At::start))
        begin();
    for (Graph::Index index = 0; index < graph_.size(); ++index)
        touch(index);
}

} // namespace slipway
