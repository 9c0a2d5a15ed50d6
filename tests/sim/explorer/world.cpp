// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/world.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace slipway::sim {

namespace {

constexpr std::uint64_t kMostEvents = 500'000;
constexpr Duration kLongestBoot = std::chrono::hours(24);

UnitSet units_of(const Machine &machine, std::vector<UnitSource> sources) {
    sources.push_back({"machine.toml", machine.units_of(JobModel::Source::file)});
    sources.push_back({"drop-in.toml", machine.overrides});
    LoadedUnits loaded = load_units(sources);
    if (!loaded.problems.empty())
        throw std::runtime_error(loaded.problems.front().text());
    return std::move(loaded.set);
}

EngineConfig config_of(const Machine &machine) {
    EngineConfig config;
    config.imports = {{"fs", {}}, {"crypt", {}}};
    config.device_timeout = machine.device_timeout;
    config.degraded_wait = machine.degraded_wait;
    config.options = machine.options;
    config.resources = machine.resources;
    return config;
}

} // namespace

World::World(const Machine &machine, const std::vector<UnitSource> &units, Diary &diary)
    : machine_(machine), diary_(diary), invariants_(machine), workers_(machine, *this),
      engine_(std::make_unique<Engine>(units_of(machine, units), config_of(machine))) {}

Ending World::play() {
    schedule_kernel();
    take(engine_->start(now_));
    invariants_.step_ended(now_, timer_);
    while (!ending_ && !invariants_.violation()) {
        if (!advance())
            ending_ = end_of_events();
        else if (events_ > kMostEvents || now_ > kLongestBoot)
            ending_ = invariants_.may_wait_for_ever() ? Ending::unlimited_wait : Ending::unbounded;
    }
    return ending_.value_or(Ending::silence);
}

Ending World::end_of_events() const {
    if (invariants_.has_open_question())
        return Ending::unanswered;
    const bool is_meant = invariants_.is_idle() && invariants_.may_wait_for_ever();
    return is_meant && !engine_->why().empty() ? Ending::unlimited_wait : Ending::silence;
}

// The next thing that happens; false when nothing does.
bool World::advance() {
    // A timer in the past (an invariant of its own) shall not stop the time.
    const auto fires = timer_ && *timer_ <= now_ ? now_ + kMillisecond : timer_;
    if (fires && (future_.empty() || *fires <= future_.begin()->first.first)) {
        now_ = *fires;
        timer_.reset();
        send(TimePassed{});
        return true;
    }
    if (future_.empty())
        return false;
    const auto next = future_.extract(future_.begin());
    now_ = std::max(now_, next.key().first);
    next.mapped()();
    return true;
}

void World::after(Duration time, std::function<void()> what) {
    future_.emplace(std::pair(now_ + time, order_++), std::move(what));
}

void World::send(const Event &event) {
    if (ending_)
        return;
    ++events_;
    diary_.write(now_, event);
    invariants_.event(now_, event);
    take(engine_->handle(now_, event));
    invariants_.step_ended(now_, timer_);
    if (events_ % 64 == 0)
        ask_why();
}

void World::ask_why() {
    if (invariants_.is_under_way() && engine_->why().empty())
        invariants_.report("endless-wait", "it waits, and why() names nothing");
}

// ---- the kernel ---------------------------------------------------------------------------------

void World::schedule_kernel() {
    for (DeviceId id = 0; id < machine_.devices.size(); ++id) {
        const DeviceModel &device = machine_.devices[id];
        if (device.arrives)
            after(*device.arrives, [this, id] { announce(id); });
        if (device.vanishes)
            after(*device.vanishes, [this, id] { remove(id); });
        if (device.returns)
            after(*device.returns, [this, id] { announce(id); });
        for (const Duration when : device.changes)
            after(when, [this, id] {
                if (is_there(id))
                    announce(id);
            });
    }
}

void World::announce(DeviceId device) {
    there_.insert(device);
    send(DeviceChanged{machine_.devices[device].syspath(), machine_.devices[device].kernel});
}

void World::remove(DeviceId device) {
    if (there_.erase(device) > 0)
        send(DeviceGone{machine_.devices[device].syspath()});
}

// ---- what the engine wants ----------------------------------------------------------------------

void World::take(const std::vector<Action> &actions) {
    for (const Action &action : actions) {
        diary_.write(now_, action);
        invariants_.action(now_, action);
        take(action);
    }
}

void World::take(const Action &action) {
    if (const auto *start = std::get_if<StartJob>(&action))
        workers_.start(*start);
    else if (const auto *cancel = std::get_if<CancelJob>(&action))
        workers_.cancel(cancel->job);
    else if (const auto *show = std::get_if<ShowPrompt>(&action))
        workers_.show_prompt(show->job);
    else if (const auto *grant = std::get_if<ResourceGranted>(&action))
        workers_.grant(grant->job);
    else if (const auto *timer = std::get_if<ArmTimer>(&action))
        timer_ = timer->when;
    else if (std::holds_alternative<EnterRealRoot>(action))
        ending_ = Ending::real_root;
    else if (std::holds_alternative<EnterEmergency>(action))
        ending_ = Ending::emergency;
    else if (const auto *question = std::get_if<AskQuestion>(&action);
             question != nullptr && machine_.answer != Answer::none)
        after(machine_.answer_takes, [this, id = question->question] {
            send(QuestionAnswered{id, machine_.answer == Answer::yes});
        });
}

} // namespace slipway::sim
