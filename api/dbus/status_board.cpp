// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/status_board.h"

#include <utility>

namespace slipway {

namespace {

// Takes over `fresh`; what is new or differs gets `version`. True: anything did.
template <class Key, class T>
bool replace(StatusBoard::Shelf<Key, T> &shelf, std::map<Key, T> fresh, std::uint64_t version) {
    bool has_changed = std::erase_if(shelf, [&fresh](const auto &entry) {
                           return !fresh.contains(entry.first);
                       }) > 0;
    for (auto &[key, value] : fresh) {
        const auto [entry, is_new] = shelf.try_emplace(key);
        if (!is_new && entry->second.value == value)
            continue;
        entry->second = {std::move(value), version};
        has_changed = true;
    }
    return has_changed;
}

} // namespace

void StatusBoard::add_log_line(LogRecord line) {
    log_.push_back(std::move(line));
    if (log_.size() > kMaxLogLines) {
        log_.pop_front();
        ++dropped_;
    }
}

void StatusBoard::set_farewell() {
    is_farewell_ = true;
    seen_steps_ = 0;
}

void StatusBoard::set_over() {
    is_over_ = true;
    seen_steps_ = 0;
}

void StatusBoard::set_problem(std::string problem) {
    set_over();
    problem_ = std::move(problem);
}

std::string_view StatusBoard::state() const {
    if (is_over_)
        return "booted";
    return to_word(is_farewell_ ? BootState::switching : EngineView(*mirror_.engine()).state());
}

bool StatusBoard::refresh() {
    const bool is_known =
        mirror_.steps() == seen_steps_ && overall_.value.is_truncated == mirror_.is_truncated();
    if (mirror_.engine() == nullptr || is_known)
        return false;
    seen_steps_ = mirror_.steps();
    ++version_;
    const EngineView view(*mirror_.engine());
    std::map<std::string, UnitSnapshot> units;
    for (UnitSnapshot &unit : view.units())
        units.insert_or_assign(unit.name, std::move(unit));
    std::map<std::string, DeviceSnapshot> devices;
    for (DeviceSnapshot &device : view.devices())
        devices.insert_or_assign(device.syspath, std::move(device));
    bool has_changed = replace(units_, std::move(units), version_);
    has_changed |= replace(devices_, std::move(devices), version_);
    std::map<BootMirror::PromptNumber, OpenPrompt> prompts;
    if (!is_over_)
        prompts = mirror_.prompts();
    has_changed |= replace(prompts_, std::move(prompts), version_);
    Overall overall{std::string(state()), view.goals(), view.jobs(), mirror_.is_truncated()};
    if (overall == overall_.value)
        return has_changed;
    overall_ = {std::move(overall), version_};
    return true;
}

std::string StatusBoard::headline() const {
    return mirror_.engine() == nullptr ? "" : mirror_.engine()->headline_at(clock_());
}

std::optional<std::string> StatusBoard::why(const std::string &goal) const {
    if (mirror_.engine() == nullptr)
        return "the boot has not begun yet\n";
    return goal.empty() ? mirror_.engine()->why_at(clock_())
                        : mirror_.engine()->why_unit_at(goal, clock_());
}

std::string StatusBoard::timeline() const {
    return saved_timeline_.empty() ? mirror_.timeline(clock_()) : saved_timeline_;
}

std::optional<Duration> StatusBoard::time_left(const std::string &unit) const {
    if (mirror_.engine() == nullptr)
        return std::nullopt;
    return EngineView(*mirror_.engine()).time_left(unit, clock_());
}

std::string StatusBoard::dump() const {
    return mirror_.engine() == nullptr ? "" : mirror_.engine()->dump();
}

} // namespace slipway
